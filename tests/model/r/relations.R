# Answers of R for hindpaw's dose response and counts, on data that ship with R.
# Dose: Puromycin, treated (Bates and Watts 1988), y = e0 + emax*d/(ED50 + d), with profile intervals (MASS, confint.nls).
# Counts: MASS::quine, days absent by sex and age group, negative binomial (glm.nb).
# Rscript relations.R > ../relations_r.csv
suppressMessages(library(MASS))
cat("# R", paste(R.version$major, R.version$minor, sep = "."), "nls, MASS", as.character(packageVersion("MASS")), "; script r/relations.R\n")
cat("what,name,estimate,lower,upper\n")
one <- subset(Puromycin, state == "treated")
fit <- nls(rate ~ e0 + emax * conc / (exp(le) + conc), one, start = list(e0 = 30, emax = 190, le = log(0.1)),
           control = nls.control(tol = 1e-7, maxiter = 500, minFactor = 1e-10))
limits <- suppressMessages(confint(fit, "le"))
line <- function(...) cat(paste(..., sep = ","), "\n", sep = "")
number <- function(x) formatC(x, digits = 12, format = "g")
for (name in c("e0", "emax")) line("dose", name, number(coef(fit)[[name]]), "", "")
line("dose", "ed50", number(exp(coef(fit)[["le"]])), number(exp(limits[[1]])), number(exp(limits[[2]])))
nb <- glm.nb(Days ~ Sex + Age, quine, control = glm.control(epsilon = 1e-12, maxit = 200))
for (name in names(coef(nb))) line("counts", name, number(coef(nb)[[name]]), "", "")
line("counts", "alpha", number(1 / nb$theta), "", "")
for (row in seq_len(nrow(one))) cat("#dose;", one$conc[row], ";", one$rate[row], "\n", sep = "")
for (row in seq_len(nrow(quine))) cat("#counts;", as.character(quine$Sex[row]), ";", as.character(quine$Age[row]), ";", quine$Days[row], "\n", sep = "")
