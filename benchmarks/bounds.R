# One maximum of the likelihood of censored values with a random intercept: integrate() for each animal, nlminb.
# Rscript bounds.R rows.csv     prints the log-likelihood and the seconds of processor time
one <- read.csv(commandArgs(TRUE)[1])
rows <- split(seq_len(nrow(one)), one$animal)
X <- model.matrix(~ 0 + factor(one$cell))
exact <- one$lower == one$upper
p <- ncol(X)
minus <- function(theta) {
  eta <- as.vector(X %*% theta[1:p]); tau <- exp(theta[p + 1]); sigma <- exp(theta[p + 2])
  -sum(sapply(rows, function(at) {
    f <- function(u) {
      dens <- dnorm(u)
      for (j in at) {
        mean <- eta[j] + tau * u
        dens <- dens * if (exact[j]) dnorm(one$lower[j], mean, sigma)
                       else pnorm(one$upper[j], mean, sigma) - pnorm(one$lower[j], mean, sigma)
      }
      dens
    }
    log(integrate(f, -8, 8, rel.tol = 1e-8)$value)
  }))
}
took <- system.time(fit <- nlminb(c(coef(lm(one$lower ~ 0 + X)), log(0.2), log(0.2)), minus))
cat(-fit$objective, sum(took[1:2]), "\n")
