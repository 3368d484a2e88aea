# Four-parameter curves of the DNase assays that ship with R, weighted by 1/fitted², the weights iterated
# until they settle: the same estimating equations as hindpaw's, solved by nls.
# Rscript dnase_4pl.R > ../dnase_4pl.csv
cat("# R", paste(R.version$major, R.version$minor, sep = "."), "nls, data(DNase); script r/dnase_4pl.R\n")
cat("run,a,d,log_c,log_b,rss\n")
for (run in c(1, 4, 7, 10)) {
  one <- subset(DNase, Run == run)
  weight <- 1 / fitted(unweighted)^2
  unweighted <- nls(density ~ SSfpl(log(conc), a, d, lc, s), one)
  first <- coef(unweighted)
  start <- list(a = first[["a"]], d = first[["d"]], lc = first[["lc"]], lb = -log(first[["s"]]))
  for (round in 1:200) {
    fit <- nls(density ~ d + (a - d) / (1 + exp(exp(lb) * (log(conc) - lc))), one, start,
               weights = weight, control = nls.control(tol = 1e-7, maxiter = 2000, scaleOffset = 1, minFactor = 1e-12))
    moved <- max(abs(unlist(start) - coef(fit)))
    start <- as.list(coef(fit))
    weight <- 1 / fitted(fit)^2
    if (moved < 1e-9) break
  }
  b <- coef(fit)
  cat(run, format(b["a"], digits = 12), format(b["d"], digits = 12), format(b["lc"], digits = 12),
      format(b["lb"], digits = 12), format(sum(((one$density - fitted(fit)) / fitted(fit))^2), digits = 12), sep = ",")
  cat("\n")
}
for (run in c(1, 4, 7, 10)) with(subset(DNase, Run == run),
  cat("#;", run, ";", paste(conc, collapse = " "), ";", paste(density, collapse = " "), "\n", sep = ""))
