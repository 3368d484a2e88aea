# What R says of the likelihoods in bounds.csv: lme4 by full maximum likelihood where nothing is censored, survreg where
# animals do not differ, and where they do a likelihood of its own, each animal integrated by integrate().
# Rscript bounds.R ../bounds.csv > ../bounds_r.csv
suppressPackageStartupMessages({library(lme4); library(survival)})
data <- read.csv(commandArgs(TRUE)[1], comment.char = "#")
cat("# R", paste(R.version$major, R.version$minor, sep = "."), "lme4", format(packageVersion("lme4")), "survival",
    format(packageVersion("survival")), "; script r/bounds.R\ncase,what,value\n")
say <- function(case, what, value) cat(case, ",", what, ",", trimws(format(value, digits = 12)), "\n", sep = "")
of <- function(case) {
  one <- data[data$case == case, ]
  one$cell <- factor(paste(one$arm, one$day), levels = c(paste("vehicle", 1:4), paste("treated", 1:4)))
  one$X <- model.matrix(~ 0 + cell, one)
  one
}
overall <- c(rep(-0.25, 4), rep(0.25, 4))
third <- c(0, 0, -1, 0, 0, 0, 1, 0)
contrasts <- list(overall = overall, third = third)

tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-13))
for (case in c("none", "nested")) {
  one <- of(case)
  fit <- if (case == "none") lmer(lower ~ 0 + X + (1 | animal), one, REML = FALSE, control = tight)
         else lmer(lower ~ 0 + X + (1 | animal) + (1 | cage), one, REML = FALSE, control = tight)
  v <- as.data.frame(VarCorr(fit))
  say(case, "loglik", as.numeric(logLik(fit)))
  for (i in seq_len(nrow(v))) say(case, v$grp[i], v$vcov[i])
  for (name in names(contrasts)) say(case, name, sum(fixef(fit) * contrasts[[name]]))
  null <- function(L) qr.Q(qr(cbind(L)), complete = TRUE)[, -1]
  for (name in names(contrasts)) {
    one$N <- one$X %*% null(contrasts[[name]])
    less <- if (case == "none") lmer(lower ~ 0 + N + (1 | animal), one, REML = FALSE, control = tight)
            else lmer(lower ~ 0 + N + (1 | animal) + (1 | cage), one, REML = FALSE, control = tight)
    say(case, paste0("ratio:", name), 2 * as.numeric(logLik(fit) - logLik(less)))
  }
}

one <- of("independent")
surv <- Surv(ifelse(is.finite(one$lower), one$lower, NA), ifelse(is.finite(one$upper), one$upper, NA), type = "interval2")
control <- survreg.control(rel.tolerance = 1e-13, maxiter = 200)
fit <- survreg(surv ~ 0 + X, one, dist = "gaussian", control = control)
say("independent", "loglik", fit$loglik[2])
say("independent", "sigma", fit$scale)
for (i in 1:8) say("independent", paste0("beta", i), coef(fit)[i])
along <- function(L, at) {
  one$N <- one$X %*% qr.Q(qr(cbind(L)), complete = TRUE)[, -1]
  one$moved <- as.vector(one$X %*% L) / sum(L^2) * at
  survreg(surv ~ 0 + N + offset(moved), one, dist = "gaussian", control = control)$loglik[2]
}
for (name in names(contrasts)) {
  L <- contrasts[[name]]
  top <- sum(coef(fit) * L)
  se <- sqrt(as.numeric(t(L) %*% fit$var[1:8, 1:8] %*% L))
  say("independent", name, top)
  say("independent", paste0("se:", name), se)
  say("independent", paste0("ratio:", name), 2 * (fit$loglik[2] - along(L, 0)))
  short <- function(at) 2 * (fit$loglik[2] - along(L, at)) - qchisq(0.95, 1)
  say("independent", paste0("lower:", name), uniroot(short, top - c(6, 0) * se, tol = 1e-11)$root)
  say("independent", paste0("upper:", name), uniroot(short, top + c(0, 6) * se, tol = 1e-11)$root)
}

one <- of("mixed")
rows <- split(seq_len(nrow(one)), one$animal)
exact <- one$lower == one$upper
loglik <- function(theta, X) {
  eta <- as.vector(X %*% theta[seq_len(ncol(X))])
  tau <- exp(theta[ncol(X) + 1]); sigma <- exp(theta[ncol(X) + 2])
  sum(sapply(rows, function(at) {
    f <- function(u) {
      dens <- dnorm(u)
      for (j in at) {
        mean <- eta[j] + tau * u
        dens <- dens * if (exact[j]) dnorm(one$lower[j], mean, sigma)
                       else pnorm(one$upper[j], mean, sigma) - pnorm(one$lower[j], mean, sigma)
      }
      dens
    }
    log(integrate(f, -9, 9, rel.tol = 1e-11, subdivisions = 500)$value)
  }))
}
top <- function(X, start) {
  fit <- nlminb(start, function(theta) -loglik(theta, X), control = list(rel.tol = 1e-13, x.tol = 1e-9, iter.max = 500, eval.max = 5000))
  fit <- nlminb(fit$par, function(theta) -loglik(theta, X), control = list(rel.tol = 1e-14, x.tol = 1e-10, iter.max = 500, eval.max = 5000))
  fit
}
middle <- ifelse(is.finite(one$lower) & is.finite(one$upper), (pmax(one$lower, -9) + pmin(one$upper, 9)) / 2, ifelse(is.finite(one$lower), one$lower, one$upper))
fit <- top(one$X, c(coef(lm(middle ~ 0 + one$X)), log(0.2), log(0.2)))
say("mixed", "loglik", -fit$objective)
say("mixed", "tau", exp(fit$par[9])); say("mixed", "sigma", exp(fit$par[10]))
for (name in names(contrasts)) {
  L <- contrasts[[name]]
  say("mixed", name, sum(fit$par[1:8] * L))
  N <- one$X %*% qr.Q(qr(cbind(L)), complete = TRUE)[, -1]
  less <- top(N, c(coef(lm(middle ~ 0 + N)), fit$par[9:10]))
  say("mixed", paste0("ratio:", name), 2 * (less$objective - fit$objective))
}
