# Four-parameter curves of DNase assays under the other weights, and a five-parameter curve, by nls.
# Rscript weights.R > ../weights_r.csv ; the data are those of dnase_4pl.csv and, for the 5PL, in the comments below.
cat("# R", paste(R.version$major, R.version$minor, sep = "."), "nls, data(DNase) and a made asymmetric curve; script r/weights.R\n")
cat("form,weights,run,a,d,log_c,log_b,log_g\n")
number <- function(x) formatC(x, digits = 12, format = "g")
tight <- nls.control(tol = 1e-10, maxiter = 5000, minFactor = 1e-14, warnOnly = TRUE)
settle <- function(formula, one, start, power) {
  one$w <- rep(1, nrow(one))
  for (round in 1:300) {
    fit <- nls(formula, one, start, weights = w, control = tight)
    moved <- max(abs(unlist(start) - coef(fit)))
    start <- as.list(coef(fit))
    one$w <- 1 / abs(fitted(fit))^power
    if (moved < 1e-11) break
  }
  start
}
for (run in c(1, 4, 7, 10)) for (power in c(0, 1)) {
  one <- as.data.frame(subset(DNase, Run == run))
  free <- coef(nls(density ~ SSfpl(log(conc), a, d, lc, s), one))
  start <- list(a = free[["a"]], d = free[["d"]], lc = free[["lc"]], lb = -log(free[["s"]]))
  found <- settle(density ~ d + (a - d) / (1 + exp(exp(lb) * (log(conc) - lc))), one, start, power)
  cat("4PL", c("none", "1/y")[power + 1], run, number(unlist(found)), "", sep = ","); cat("\n")
}
set.seed(7)
x <- rep(2^(0:11), each = 2)
y <- (3 + (0.05 - 3) / (1 + (x / 300)^1.8)^0.4) * exp(rnorm(length(x), 0, 0.01))
one <- data.frame(conc = x, density = signif(y, 8))
start <- list(a = 0.05, d = 3, lc = log(300), lb = log(1.8), lg = log(0.4))
found <- settle(density ~ d + (a - d) / (1 + exp(exp(lb) * (log(conc) - lc)))^exp(lg), one, start, 2)
cat("5PL", "1/y2", 0, number(unlist(found)), sep = ","); cat("\n")
cat("#;0;", paste(one$conc, collapse = " "), ";", paste(one$density, collapse = " "), "\n", sep = "")
