# The demo study's question `relief` in R: lmer, pbkrtest and emmeans on the thresholds hindpaw measured.
# Rscript relief.R ../relief.csv > ../relief_r.csv
suppressPackageStartupMessages({library(lme4); library(lmerTest); library(pbkrtest); library(emmeans)})
emm_options(lmerTest.limit = 1e4, pbkrtest.limit = 1e4)
data <- read.csv(commandArgs(TRUE)[1], comment.char = "#")
data$arm <- factor(data$arm, levels = c("vehicle", "bmsc"))
data$day <- factor(data$day, levels = sort(unique(data$day)))
options(contrasts = c("contr.sum", "contr.poly"))
fit <- lmer(y ~ arm * day + baseline + (1 | animal), data,
            control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12)))
row <- function(what, ...) cat(what, trimws(format(c(...), digits = 15)), sep = ",", fill = FALSE)
cat("# R", paste(R.version$major, R.version$minor, sep = "."), "lme4", format(packageVersion("lme4")), "pbkrtest",
    format(packageVersion("pbkrtest")), "emmeans", format(packageVersion("emmeans")), "; script r/relief.R\n")
cat("what,v1,v2,v3,v4\n")
v <- as.data.frame(VarCorr(fit))$vcov
row("variance", v[1], v[2], as.numeric(logLik(fit)), NA); cat("\n")
a <- anova(fit, type = 3, ddf = "Kenward-Roger")
for (term in rownames(a)) { row(paste0("F:", term), a[term, "NumDF"], a[term, "DenDF"], a[term, "F value"], a[term, "Pr(>F)"]); cat("\n") }
# Means for an animal of average baseline: the covariate is centred over animals.
grid <- emmeans(fit, ~ arm * day, at = list(baseline = 0), lmer.df = "kenward-roger")
means <- as.data.frame(grid)
for (i in seq_len(nrow(means))) { row(paste0("mean:", means$arm[i], ":", means$day[i]), means$emmean[i], means$SE[i], means$df[i], NA); cat("\n") }
days <- as.numeric(levels(data$day))
week <- ceiling((days - 4) / 7)
weights <- lapply(sort(unique(week)), function(w) as.numeric(week == w) / sum(week == w))
names(weights) <- paste0("week:", sort(unique(week)))
gaps <- diff(days); trapezoid <- (c(gaps, 0) + c(0, gaps)) / 2
weights[["overall"]] <- trapezoid / sum(trapezoid)
# The grid runs over arms within days: vehicle, bmsc, vehicle, bmsc, …
rows <- lapply(weights, function(w) as.vector(rbind(-w, w)))
out <- as.data.frame(contrast(grid, rows, adjust = "none"))
for (i in seq_len(nrow(out))) { row(paste0("contrast:", out$contrast[i]), out$estimate[i], out$SE[i], out$df[i], out$p.value[i]); cat("\n") }
