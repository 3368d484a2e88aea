# Four-parameter curves of the DNase assays that ship with R, weighted by 1/fitted², the weights iterated
# until they settle: the same estimating equations as hindpaw's, solved by nls.
# Rscript dnase_4pl.R > ../dnase_4pl.csv
runs <- c(1, 4, 7, 10)
cat("# R", paste(R.version$major, R.version$minor, sep = "."), "nls, data(DNase); script r/dnase_4pl.R\n")
cat("run,a,d,log_c,log_b\n")
for (run in runs) {
  one <- as.data.frame(subset(DNase, Run == run))
  free <- nls(density ~ SSfpl(log(conc), a, d, lc, s), one)
  start <- list(a = coef(free)[["a"]], d = coef(free)[["d"]], lc = coef(free)[["lc"]], lb = -log(coef(free)[["s"]]))
  one$w <- 1 / fitted(free)^2
  for (round in 1:300) {
    fit <- nls(density ~ d + (a - d) / (1 + exp(exp(lb) * (log(conc) - lc))), one, start, weights = w,
               control = nls.control(tol = 1e-8, maxiter = 5000, minFactor = 1e-14, warnOnly = TRUE))
    moved <- max(abs(unlist(start) - coef(fit)))
    start <- as.list(coef(fit))
    one$w <- 1 / fitted(fit)^2
    if (moved < 1e-10) break
  }
  cat(run, formatC(unlist(start), digits = 12, format = "g"), sep = ",")
  cat("\n")
}
for (run in runs) with(subset(DNase, Run == run),
  cat("#;", run, ";", paste(conc, collapse = " "), ";", paste(density, collapse = " "), "\n", sep = ""))
