# The mixed models of this study again, in R, from the thresholds beside this script; and how far hindpaw's numbers,
# also beside it, lie from R's. Run it where it stands:   Rscript verify.R
# It needs the packages lme4, pbkrtest and emmeans; nlme (which comes with R) where correlation fades over days.
# It ends with an error where a number differs by more than these, the largest differences of two optimizers:
tolerance <- c(estimate = 1e-5, se = 1e-5, df = 1e-3, p = 1e-4, F = 1e-3)  # log10 g, log10 g, -, -, -; df and F relative
nlme_tolerance <- 1e-3                                                     # estimates alone, log10 g
options(width = 160)

suppressPackageStartupMessages({library(lme4); library(pbkrtest); library(emmeans)})
emm_options(pbkrtest.limit = 1e5, lmerTest.limit = 1e5)

# verify.csv holds one row an animal x day after treatment: y is log10 of the threshold in g (a censored one at its bound),
# base the animal's log10 baseline less the mean of all animals. Only what each question compares is in it.
data <- read.csv("verify.csv", colClasses = c(animal = "character", cage = "character"))
expected <- read.csv("verify_expected.csv")
# @questions@

week_of <- function(day, treatment) ceiling((day - treatment) / 7)
# Equal weights within a week; over all days the trapezoid, so that a day counts for the time it stands for.
over_time <- function(days) {
  if (length(days) == 1) return(1)
  gap <- diff(days)
  weights <- (c(gap, 0) + c(0, gap)) / 2
  weights / sum(weights)
}
# Which cells (arm and day) a comparison weighs, and how: days on which one arm was not tested are left out of it.
weights_of <- function(row, cells, one) {
  at <- function(arm) cells$day[cells$arm == arm]
  days <- sort(intersect(at(row$treated), at(row$control)))
  if (row$by == "week") days <- days[week_of(days, one$treatment) == row$time]
  if (row$by == "day") days <- days[days == row$time]
  share <- if (row$by == "overall") over_time(days) else rep(1 / length(days), length(days))
  found <- numeric(nrow(cells))
  found[match(paste(row$treated, days), cells$cell)] <- share
  found[match(paste(row$control, days), cells$cell)] <- -share
  found
}
difference <- function(mine, theirs, relative = FALSE) {
  away <- abs(mine - theirs)
  if (relative) away <- away / pmax(abs(theirs), 1e-8)
  max(c(0, away), na.rm = TRUE)
}

worst <- character()
check <- function(question, what, away, limit) {
  verdict <- if (away <= limit) "agrees" else "DIFFERS"
  cat(sprintf("  %-28s largest difference %.1e (up to %.0e): %s\n", what, away, limit, verdict))
  if (away > limit) worst <<- c(worst, paste(question, what))
}

for (number in seq_len(nrow(questions))) {
  one <- questions[number, ]
  cat("\n", one$question, ": ", one$structure, "\n", sep = "")
  rows <- droplevels(data[data$question == one$question, ])
  rows$cell <- factor(paste(rows$arm, rows$day))
  cells <- unique(rows[c("cell", "arm", "day")])
  cells <- cells[match(levels(rows$cell), cells$cell), ]
  blocks <- strsplit(one$blocks, " ")[[1]]
  for (block in blocks) rows[[block]] <- factor(rows[[block]])
  fixed <- c("0 + cell", if (!anyNA(rows$base)) "base", blocks)
  wanted <- expected[expected$question == one$question & expected$kind == "contrast", ]
  L <- t(sapply(seq_len(nrow(wanted)), function(i) weights_of(wanted[i, ], cells, one)))

  if (one$structure %in% c("ar1", "cs+ar1")) {
    # lme4 has no residual correlation: nlme fits it, without Kenward-Roger, so that estimates alone are compared.
    library(nlme)
    model <- reformulate(fixed, "y")
    fading <- corCAR1(form = ~ day | animal)
    fit <- if (one$structure == "ar1") gls(model, rows, fading) else lme(model, rows, ~ 1 | animal, fading)
    b <- if (one$structure == "ar1") coef(fit) else fixef(fit)
    check(one$question, "estimates (nlme)", difference(drop(L %*% b[seq_len(ncol(L))]), wanted$estimate), nlme_tolerance)
    next
  }

  random <- c("(1 | animal)", if (one$cage) "(1 | cage)")
  fit <- lmer(reformulate(c(fixed, random), "y"), rows,
              control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12)))
  print(VarCorr(fit), comp = c("Variance", "Std.Dev."))
  means <- emmeans(fit, "cell", at = if (!anyNA(rows$base)) list(base = 0) else list(), lmer.df = "kenward-roger")
  order <- match(as.character(means@grid$cell), cells$cell)
  found <- as.data.frame(contrast(means, setNames(lapply(seq_len(nrow(L)), function(i) L[i, order]), seq_len(nrow(L))),
                                  adjust = "none"))
  table <- data.frame(wanted[c("comparison", "by", "time")], found[c("estimate", "SE", "df", "t.ratio", "p.value")])
  # One family: the comparisons by week (or day); the time average stands outside it.
  family <- wanted$by != "overall"
  usual <- c(holm = "holm", bonferroni = "bonferroni", bh = "BH")
  if (one$adjust %in% names(usual)) {
    table$p.adjusted <- NA
    table$p.adjusted[family] <- p.adjust(table$p.value[family], usual[[one$adjust]])
  }
  print(table, digits = 4, row.names = FALSE)
  check(one$question, "estimates", difference(found$estimate, wanted$estimate), tolerance[["estimate"]])
  if (!one$kenward_roger) {
    cat("  The question asks for Satterthwaite: standard errors, df and p are not compared.\n")
    next
  }
  check(one$question, "standard errors", difference(found$SE, wanted$se), tolerance[["se"]])
  check(one$question, "degrees of freedom", difference(found$df, wanted$df, TRUE), tolerance[["df"]])
  check(one$question, "p", difference(found$p.value, wanted$p), tolerance[["p"]])
  if (one$adjust %in% names(usual)) {
    check(one$question, "adjusted p", difference(table$p.adjusted[family], wanted$p_adjusted[family]), tolerance[["p"]])
  } else {
    cat("  Adjusted p by the multivariate t are not compared.\n")
  }

  # Type III F of arm, day and arm x day: equal weights over the cells of the other factor.
  arms <- unique(cells$arm); days <- sort(unique(cells$day))
  if (nrow(cells) < length(arms) * length(days)) {
    cat("  An arm lacks a day, so that there is no Type III F of R to compare with.\n")
    next
  }
  place <- as.vector(t(outer(arms, days, function(a, d) match(paste(a, d), cells$cell))))
  A <- t(contr.sum(length(arms))); D <- t(contr.sum(length(days)))
  flat <- function(n) matrix(1 / n, 1, n)
  tests <- list(arm = kronecker(A, flat(length(days))), day = kronecker(flat(length(arms)), D), `arm:day` = kronecker(A, D))
  for (term in names(tests)) {
    whole <- matrix(0, nrow(tests[[term]]), length(fixef(fit)))
    whole[, place] <- tests[[term]]
    mine <- KRmodcomp(fit, whole)$stats
    theirs <- expected[expected$question == one$question & expected$kind == "F" & expected$comparison == term, ]
    if (nrow(theirs) == 0) next
    cat(sprintf("  %-8s F(%g, %.2f) = %.3f, p = %.4g\n", term, mine$ndf, mine$ddf, mine$Fstat, mine$p.value))
    check(one$question, paste("F of", term), difference(mine$Fstat, theirs$estimate, TRUE), tolerance[["F"]])
    check(one$question, paste("its df"), difference(mine$ddf, theirs$df, TRUE), tolerance[["df"]])
    check(one$question, paste("its p"), difference(mine$p.value, theirs$p), tolerance[["p"]])
  }
}
cat("\n", if (length(worst)) paste("Differs:", paste(worst, collapse = "; ")) else "Everything that was compared agrees.", "\n", sep = "")
if (length(worst)) quit(status = 1)
