# Mauchly's test, the epsilons of Greenhouse-Geisser and Huynh-Feldt of twelve simulated animals in three arms on five
# days, by base R: mauchly.test and anova of a multivariate linear model. Run: Rscript sphericity.R > sphericity_r.csv
set.seed(20150825)
arm <- factor(rep(c("a", "b", "c"), times = c(5, 4, 6)))
y <- matrix(rnorm(15 * 5), 15) %*% chol(0.6^abs(outer(1:5, 1:5, "-"))) + as.integer(arm)
fit <- lm(y ~ arm)
test <- mauchly.test(fit, X = ~1)
table <- anova(fit, X = ~1, test = "Spherical")
cat(sprintf("# R %s\n", getRversion()))
cat("what,animal,arm,day,value\n")
for (i in 1:15) for (j in 1:5) cat(sprintf("y,%d,%s,%d,%.15g\n", i, arm[i], j, y[i, j]))
cat(sprintf("W,,,,%.12g\np,,,,%.12g\n", test$statistic, test$p.value))
cat(sprintf("gg,,,,%.12g\nhf,,,,%.12g\n", attr(table, "heading") |> (\(h) as.numeric(sub(".*: *", "", grep("Greenhouse", h, value = TRUE))))(),
            attr(table, "heading") |> (\(h) as.numeric(sub(".*: *", "", grep("Huynh", h, value = TRUE))))()))
