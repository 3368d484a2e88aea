# Processor seconds of one lm, one lmer, and one lmer with a Kenward-Roger test, on the rows of a CSV; means of repeats.
suppressMessages({library(lme4); library(lmerTest)})
mice <- read.csv(commandArgs(TRUE)[1])
mice$cell <- factor(paste(mice$arm, mice$day))
day <- mice[mice$day == 0, ]
days <- length(unique(mice$day))
L <- c(rep(-1 / days, days), rep(1 / days, days), 0)
spent <- function(call, times) { call(); start <- sum(proc.time()[1:2]); for (k in seq_len(times)) call(); (sum(proc.time()[1:2]) - start) / times }
fit <- function() lmer(y ~ 0 + cell + base + (1 | mouse), mice)
cat(spent(function() summary(lm(y ~ arm + base, day))$coefficients[2, 3], 200), spent(fit, 10),
    spent(function() contest(fit(), L, joint = FALSE, ddf = "Kenward-Roger"), 5), "\n")
