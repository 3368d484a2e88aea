# Censored linear models by survival::survreg(dist = "gaussian"), for hindpaw's Tobit. Cases: left-, right- and
# interval-censored, with and without plates; the data stand in tobit_data.csv, the answers in tobit_r.csv.
# Rscript tobit.R (in this folder)
suppressMessages(library(survival))
set.seed(20150825)
draw <- function(name, n, censoring) {
  arm <- rep(c("control", "treated", "naive"), each = n)
  plate <- rep_len(c("p1", "p2"), 3 * n)
  y <- rnorm(3 * n, c(control = 1, treated = 1.4, naive = 0.9)[arm] + 0.15 * (plate == "p2"), 0.25)
  lower <- upper <- round(y, 4)
  if (grepl("left", censoring)) { low <- y < 0.9; lower[low] <- -Inf; upper[low] <- 0.9 }
  if (grepl("right", censoring)) { high <- y > 1.5; lower[high] <- 1.5; upper[high] <- Inf }
  if (grepl("interval", censoring)) { mid <- y > 1 & y < 1.2; lower[mid] <- 1; upper[mid] <- 1.2 }
  data.frame(case = name, arm, plate, lower, upper)
}
data <- rbind(draw("none", 5, ""), draw("left4", 4, "left"), draw("left20", 20, "left"),
              draw("right", 8, "right"), draw("both", 12, "left right"), draw("all", 30, "left right interval"))
answers <- NULL
for (case in unique(data$case)) for (plates in c(FALSE, TRUE)) {
  one <- data[data$case == case, ]
  one$arm <- factor(one$arm, c("control", "treated", "naive"))
  low <- ifelse(is.finite(one$lower), one$lower, NA)
  high <- ifelse(is.finite(one$upper), one$upper, NA)
  S <- Surv(low, high, type = "interval2")
  fit <- if (plates) survreg(S ~ 0 + arm + plate, one, dist = "gaussian", control = list(rel.tolerance = 1e-13, maxiter = 100))
         else survreg(S ~ 0 + arm, one, dist = "gaussian", control = list(rel.tolerance = 1e-13, maxiter = 100))
  V <- fit$var
  difference <- coef(fit)[["armtreated"]] - coef(fit)[["armcontrol"]]
  answers <- rbind(answers, data.frame(case, plates, control = coef(fit)[["armcontrol"]], treated = coef(fit)[["armtreated"]],
    naive = coef(fit)[["armnaive"]], sigma = fit$scale, loglik = fit$loglik[2], difference,
    se = sqrt(V[1, 1] + V[2, 2] - 2 * V[1, 2]), se_log_sigma = sqrt(V[nrow(V), nrow(V)])))
}
write.csv(format(data, digits = 8), "../tobit_data.csv", row.names = FALSE, quote = FALSE)
cat("# R", paste(R.version$major, R.version$minor, sep = "."), "survival", as.character(packageVersion("survival")),
    "survreg; script r/tobit.R\n", file = "../tobit_r.csv")
write.table(format(answers, digits = 12), "../tobit_r.csv", sep = ",", row.names = FALSE, quote = FALSE, append = TRUE)
