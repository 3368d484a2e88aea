# Deals of labels by own enumeration, bootstrap intervals by package boot and leave-one-out by lmerTest, for hindpaw's
# randomization test, bootstrap and influence. All data are simulated here and stand in resampling_data.csv.
# Rscript resampling.R FOLDER
suppressMessages({library(boot); library(lme4); library(lmerTest)})
out <- commandArgs(TRUE)[1]
set.seed(20150825)
alpha <- 0.05

# Units: 5 v 5 with baseline on 4 days (two units miss a day); 4 v 6 without baseline; blocks of sex.
units <- function(name, n1, n0, days, effect) {
  n <- n1 + n0
  treated <- rep(c(1, 0), c(n1, n0))
  base <- round(rnorm(n, -1, 0.2), 3)
  mouse <- rnorm(n, 0, 0.15)
  Y <- sapply(seq_len(days), function(d) round(-1 + 0.5 * (base + 1) + mouse + effect * treated * (d < days) + rnorm(n, 0, 0.15), 3))
  data.frame(case = name, unit = seq_len(n), treated, base, sex = rep_len(c("f", "m", "m"), n), Y)
}
data <- rbind(units("five", 5, 5, 4, 0.4), units("uneven", 4, 6, 4, 0.3), units("blocks", 5, 5, 4, 0.4), units("gap", 5, 5, 4, 0.4))
names(data)[6:9] <- paste0("day", 1:4)
data$day2[data$case == "gap" & data$unit %in% c(1, 8)] <- NA

# The t of T in least squares of y on 1, T and X; .lm.fit is what lm calls, without its bookkeeping.
tstat <- function(y, T, X) {
  there <- !is.na(y)
  if (length(unique(T[there])) < 2) return(0)
  M <- cbind(T, 1, X)[there, , drop = FALSE]
  M <- M[, c(TRUE, TRUE, apply(M[, -(1:2), drop = FALSE], 2, function(x) length(unique(x)) > 1)), drop = FALSE]
  fit <- .lm.fit(M, y[there])
  R <- qr.R(qr(M))
  fit$coefficients[1] / sqrt(sum(fit$residuals^2) / (nrow(M) - ncol(M)) * chol2inv(R)[1, 1])
}
deals <- function(treated, strata) {
  parts <- lapply(split(seq_along(treated), strata), function(at) combn(at, sum(treated[at]), simplify = FALSE))
  grid <- expand.grid(lapply(parts, seq_along))
  lapply(seq_len(nrow(grid)), function(k) { T <- numeric(length(treated)); for (s in seq_along(parts)) T[parts[[s]][[grid[k, s]]]] <- 1; T })
}
reach <- function(t) abs(t) - 1e-9 * max(1, abs(t))
pvalue <- function(y, treated, X, all) { own <- tstat(y, treated, X); ts <- sapply(all, function(T) tstat(y, T, X)); mean(abs(ts) >= reach(own)) }
limit <- function(y, treated, X, all, side) {
  at <- coef(lm(y ~ treated + X))[["treated"]]; near <- at; far <- at + side * 0.05
  while (pvalue(y - far * treated, treated, X, all) > alpha) { near <- far; far <- at + 2 * (far - at) }
  for (k in 1:30) { mid <- (near + far) / 2; if (pvalue(y - mid * treated, treated, X, all) > alpha) near <- mid else far <- mid }
  (near + far) / 2
}
answers <- NULL
for (case in unique(data$case)) {
  one <- data[data$case == case, ]
  X <- switch(case, five = cbind(one$base), uneven = cbind(rep(0, nrow(one))), blocks = cbind(one$base, one$sex == "m"), gap = cbind(one$base))
  all <- deals(one$treated, if (case == "blocks") one$sex else rep(1, nrow(one)))
  Y <- one[paste0("day", 1:4)]
  if (case != "gap") Y$mean <- rowMeans(Y)
  T <- sapply(Y, function(y) sapply(all, function(T) tstat(y, T, X)))
  own <- sapply(Y, function(y) tstat(y, one$treated, X))
  adjusted <- rep(NA, ncol(Y)); order <- order(-abs(own[1:4])); so_far <- 0
  for (j in 1:4) { rest <- order[j:4]; top <- apply(abs(T[, rest, drop = FALSE]), 1, max); so_far <- max(so_far, mean(top >= reach(own[order[j]]))); adjusted[order[j]] <- so_far }
  for (k in seq_along(Y)) {
    y <- Y[[k]]
    limits <- if (k %in% c(1, 5)) c(limit(y, one$treated, X, all, -1), limit(y, one$treated, X, all, 1)) else c(NA, NA)
    answers <- rbind(answers, data.frame(case, what = names(Y)[k], n_deals = length(all), t = own[k], p = mean(abs(T[, k]) >= reach(own[k])),
      p_adjusted = adjusted[k], lower = limits[1], upper = limits[2]))
  }
}
write.csv(data, file.path(out, "resampling_data.csv"), row.names = FALSE, quote = FALSE, na = "")
version <- paste("# R", paste(R.version$major, R.version$minor, sep = "."))
cat(version, "own enumeration with lm; script r/resampling.R\n", file = file.path(out, "deals_r.csv"))
suppressWarnings(write.table(format(answers, digits = 15), file.path(out, "deals_r.csv"), sep = ",", row.names = FALSE, quote = FALSE, append = TRUE))

# Studentized and BCa intervals of a difference of means, 999 stratified resamples.
y <- c(round(rexp(22, 1), 3), round(rexp(24, 1.6), 3)); arm <- rep(1:2, c(22, 24))
difference <- function(d, at) { a <- d[at][arm == 1]; b <- d[at][arm == 2]; c(mean(a) - mean(b), var(a) / length(a) + var(b) / length(b)) }
made <- boot(y, difference, R = 999, strata = arm)
without <- sapply(seq_along(y), function(i) mean(y[-i][arm[-i] == 1]) - mean(y[-i][arm[-i] == 2]))
ci <- boot.ci(made, type = c("stud", "bca", "perc"), L = mean(without) - without)
cat(version, "boot", as.character(packageVersion("boot")), "boot.ci; script r/resampling.R\n", file = file.path(out, "boot_r.csv"))
lines <- rbind(data.frame(what = "estimate", a = made$t0[1], b = sqrt(made$t0[2])), data.frame(what = "stud", a = ci$student[4], b = ci$student[5]),
  data.frame(what = "bca", a = ci$bca[4], b = ci$bca[5]), data.frame(what = "perc", a = ci$percent[4], b = ci$percent[5]),
  data.frame(what = "left out", a = without, b = NA), data.frame(what = "resample", a = made$t[, 1], b = sqrt(made$t[, 2])))
suppressWarnings(write.table(format(lines, digits = 15), file.path(out, "boot_r.csv"), sep = ",", row.names = FALSE, quote = FALSE, append = TRUE))

# Leave one animal out: lmer with Kenward-Roger, the mean difference over days, of the case "five" in long form.
five <- data[data$case == "five", ]
long <- reshape(five, direction = "long", varying = paste0("day", 1:4), v.names = "y", timevar = "day", idvar = "unit")
long$cell <- factor(paste(long$treated, long$day))
L <- c(rep(-1 / 4, 4), rep(1 / 4, 4), 0)
left <- NULL
for (unit in c(0, five$unit)) {
  fit <- lmer(y ~ 0 + cell + base + (1 | unit), long[long$unit != unit, ])
  found <- contest(fit, L, joint = FALSE, ddf = "Kenward-Roger")
  left <- rbind(left, data.frame(unit, estimate = found$Estimate, se = found$`Std. Error`, df = found$df, p = found$`Pr(>|t|)`))
}
cat(version, "lme4", as.character(packageVersion("lme4")), "lmerTest", as.character(packageVersion("lmerTest")), "Kenward-Roger; script r/resampling.R\n", file = file.path(out, "left_out_r.csv"))
suppressWarnings(write.table(format(left, digits = 12), file.path(out, "left_out_r.csv"), sep = ",", row.names = FALSE, quote = FALSE, append = TRUE))
