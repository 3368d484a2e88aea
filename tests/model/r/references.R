# The golden twins of tests/model: simulated mice, and what R makes of them.
# Rscript references.R FOLDER writes NAME.csv (the data) and NAME.json (the answers) for each case at the end.
# lme4, lmerTest, pbkrtest, emmeans and nlme, their optimizers run far beyond their defaults.
suppressPackageStartupMessages({library(lme4); library(lmerTest); library(pbkrtest); library(emmeans); library(nlme)})
emm_options(lmerTest.limit = 1e4, pbkrtest.limit = 1e4)
options(contrasts = c("contr.sum", "contr.poly"))
folder <- commandArgs(TRUE)[1]

# ---- simulated data ------------------------------------------------------------------------------------------------

# log10 thresholds of n mice an arm on `days`: intercept sd tau, residual sd sigma (one a day or one for all) with
# correlation rho^(days between / 7), cages of `cage` mice with sd omega. Treated arms rise by 0.3 and fade.
mice <- function(seed, arms, n, days, tau = 0.15, sigma = 0.2, rho = 0, slope = 0, cage = 0, omega = 0) {
  set.seed(seed)
  rows <- list()
  count <- 0
  for (a in seq_along(arms)) for (i in seq_len(n)) {
    count <- count + 1
    if (cage > 0 && (i - 1) %% cage == 0) shared <- rnorm(1, 0, omega)
    sd <- rep_len(if (is.list(sigma)) sigma[[a]] else sigma, length(days))
    V <- outer(sd, sd) * rho^(abs(outer(days, days, "-")) / 7)
    if (rho == 0) V <- diag(sd^2)
    base <- rnorm(1, -0.3, 0.15)
    y <- -0.4 + 0.3 * (a > 1) * exp(-0.02 * days * a) + 0.4 * base + rnorm(1, 0, tau) + rnorm(1, 0, slope) * days +
      as.vector(t(chol(V)) %*% rnorm(length(days)))
    if (cage > 0) y <- y + shared
    rows[[count]] <- data.frame(mouse = sprintf("m%02d", count), arm = arms[a], day = days, week = ceiling(days / 7),
                                y = round(y, 4), baseline = round(base, 4))
    if (cage > 0) rows[[count]]$cage <- sprintf("c%02d", (count - 1) %/% cage + 1)
  }
  do.call(rbind, rows)
}

# ---- answers as plain lists ----------------------------------------------------------------------------------------

# What emmeans calls a column, and what it is called here; where nothing can be estimated it speaks of z.
NAMES <- c(emmean = "estimate", SE = "se", lower.CL = "lower", upper.CL = "upper", asymp.LCL = "lower",
           asymp.UCL = "upper", t.ratio = "t", z.ratio = "t", p.value = "p")
as_rows <- function(frame) {
  named <- names(frame) %in% names(NAMES)
  names(frame)[named] <- NAMES[names(frame)[named]]
  for (name in names(frame)) if (is.factor(frame[[name]])) frame[[name]] <- as.character(frame[[name]])
  rownames(frame) <- NULL
  frame
}
means_of <- function(grid) as_rows(as.data.frame(summary(grid, infer = c(TRUE, FALSE))))
contrasts_of <- function(grid, family) {
  named <- c(p = "none", p_holm = "holm", p_bonferroni = "bonferroni", p_fdr = "fdr", p_mvt = "mvt")
  by <- if (family == "all") NULL else grid@misc$by.vars
  rows <- NULL
  for (name in names(named)) {
    set.seed(20240101)
    told <- as.data.frame(summary(grid, by = by, adjust = named[[name]], infer = TRUE))
    if (is.null(rows)) rows <- as_rows(told)
    rows[[name]] <- told$p.value
  }
  rows
}
anova_rows <- function(table) {
  data.frame(term = rownames(table), ndf = table$NumDF, ddf = table$DenDF, F = table$`F value`, p = table$`Pr(>F)`)
}
coefficient_rows <- function(fit, ddf) {
  told <- coef(summary(fit, ddf = ddf))
  data.frame(name = rownames(told), estimate = told[, 1], se = told[, 2], df = told[, 3], t = told[, 4],
             p = told[, 5], row.names = NULL)
}
told_by_emmeans <- function(fit, arm, time, mode) {
  answer <- list()
  if (length(time)) {
    cells <- emmeans(fit, c(arm, time), lmer.df = mode)
    answer$cell_means <- means_of(cells)
    answer$time_means <- means_of(emmeans(fit, time, lmer.df = mode))
    by_time <- contrast(emmeans(fit, arm, by = time, lmer.df = mode), "trt.vs.ctrl")
    answer$vs_control_by_time$family_all <- contrasts_of(by_time, "all")
    if (length(levels(model.frame(fit)[[arm]])) > 2)
      answer$vs_control_by_time$family_within_time <- contrasts_of(by_time, "within")
  }
  groups <- emmeans(fit, arm, lmer.df = mode)
  answer$group_means <- means_of(groups)
  answer$overall_vs_control <- contrasts_of(contrast(groups, "trt.vs.ctrl"), "all")
  answer
}

lmer_answer <- function(data, formula, time = "week") {
  fit <- lmer(as.formula(formula), data,
              control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5),
                                    check.conv.singular = "ignore", check.conv.grad = "ignore"))
  bars <- sapply(findbars(as.formula(formula)), function(bar) paste(deparse(bar), collapse = ""))
  dropped <- setdiff(colnames(model.matrix(nobars(as.formula(formula)), data)), names(fixef(fit)))
  full <- show_tests(anova(fit, type = 3))
  list(model_id = sub("^[^~]*~ *", "", formula), engine = "lmer", formula = formula,
       fixed = paste(deparse(nobars(as.formula(formula)), width.cutoff = 200), collapse = ""), random = I(bars),
       group = I("arm"), time = I(time), reference_level = "vehicle", dropped_columns = I(dropped),
       singular = isSingular(fit, tol = 1e-4), varcorr = as.data.frame(VarCorr(fit)),
       reml_loglik = as.numeric(logLik(fit)), coef_names = names(fixef(fit)), beta = unname(fixef(fit)),
       se = unname(sqrt(diag(as.matrix(vcov(fit))))), vcov = unname(as.matrix(vcov(fit))),
       vcov_kr = unname(as.matrix(vcovAdj(fit))),
       coef_satterthwaite = coefficient_rows(fit, "Satterthwaite"),
       coef_kenward_roger = coefficient_rows(fit, "Kenward-Roger"),
       anova_III_satterthwaite = anova_rows(anova(fit, type = 3)),
       anova_III_kenward_roger = anova_rows(anova(fit, type = 3, ddf = "Kenward-Roger")),
       anova_III_L = lapply(full, function(L) unname(as.matrix(L))),
       emmeans = list(kenward_roger = told_by_emmeans(fit, "arm", time, "kenward-roger")))
}

nlme_answer <- function(data, formula, engine, correlation = NULL, weights = NULL) {
  data$occ <- as.integer(data$week)
  asked <- list(correlation = if (!is.null(correlation)) eval(parse(text = correlation)),
                weights = if (!is.null(weights)) eval(parse(text = weights)))
  fit <- if (engine == "gls") {
    do.call(gls, c(list(as.formula(formula), data, control = glsControl(tolerance = 1e-12, msTol = 1e-12, maxIter = 500, msMaxIter = 500, opt = "optim", optimMethod = "BFGS")), asked))
  } else {
    do.call(lme, c(list(as.formula(formula), data, random = ~ 1 | mouse, control = lmeControl(tolerance = 1e-12, msTol = 1e-12, maxIter = 500, msMaxIter = 500, niterEM = 100, opt = "optim")), asked))
  }
  list(model_id = paste0(engine, "-", if (is.null(correlation)) "cs" else correlation,
                         if (!is.null(weights)) paste0("-", weights)), engine = engine, fixed = formula,
       random = if (engine == "lme") "~1 | mouse", correlation = correlation, weights = weights, sigma = fit$sigma,
       cor_par = if (!is.null(correlation)) I(unname(coef(fit$modelStruct$corStruct, unconstrained = FALSE))),
       var_par = if (!is.null(weights)) as.list(coef(fit$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)),
       random_sd = if (engine == "lme") I(c(sqrt(getVarCov(fit)[1, 1]), fit$sigma)), reml_loglik = as.numeric(logLik(fit)),
       coef_names = names(if (engine == "gls") coef(fit) else fixef(fit)),
       beta = unname(if (engine == "gls") coef(fit) else fixef(fit)), se = unname(sqrt(diag(vcov(fit)))))
}

kept <- function(name, title, data, lmer = list(), nlme = list()) {
  factors <- intersect(c("mouse", "arm", "week", "cage"), names(data))
  levels <- lapply(setNames(factors, factors), function(one)
    if (one == "arm") unique(data$arm) else as.character(sort(unique(data[[one]]))))
  for (one in factors) data[[one]] <- factor(data[[one]], levels = levels[[one]])
  file <- file.path(folder, paste0(name, ".csv"))
  writeLines(paste0("# simulated: ", title, "; made by r/references.R"), file)
  suppressWarnings(write.table(data, file, append = TRUE, sep = ",", row.names = FALSE, quote = FALSE, na = ""))
  versions <- sapply(c("lme4", "lmerTest", "pbkrtest", "emmeans", "nlme"), function(p) format(packageVersion(p)))
  answer <- list(schema = "lmm-ref/1", id = name, title = title, kind = "sim", csv = paste0(name, ".csv"),
                 n_rows = nrow(data), roles = list(y = "y", unit = "mouse", group = "arm", time = "week"),
                 factor_levels = levels,
                 versions = as.list(c(R = paste(R.version$major, R.version$minor, sep = "."), versions)),
                 lmer = lapply(lmer, function(call) call(data)), nlme = lapply(nlme, function(call) call(data)))
  text <- jsonlite::toJSON(answer, digits = I(12), auto_unbox = TRUE, null = "null", na = "null", dataframe = "rows")
  # A row or a member a line, so that a difference can be read.
  writeLines(gsub("\\},\\{", "},\n{", gsub("\\],\"", "],\n\"", text)), file.path(folder, paste0(name, ".json")))
}
lmer_of <- function(...) { force(list(...)); function(data) lmer_answer(data, ...) }
nlme_of <- function(...) { force(list(...)); function(data) nlme_answer(data, ...) }

# ---- the cases -----------------------------------------------------------------------------------------------------

two <- c("vehicle", "bmsc")
three <- c("vehicle", "bmsc", "tgfb1")
weekly <- 7 * (1:7)
cells <- "y ~ arm * week"
intercept <- "y ~ arm * week + (1 | mouse)"

balanced <- mice(11, two, 6, weekly)
kept("balanced", "2 arms x 6 mice x 7 weeks, complete", balanced[c("mouse", "arm", "week", "y")],
     list(lmer_of(intercept)))

missing <- mice(12, two, 6, weekly[1:6])
set.seed(1)
missing <- missing[-sample(nrow(missing), 7), ]
missing <- missing[!(missing$mouse == "m09" & missing$day > 20), ]
kept("missing", "2 arms x 6 mice x 6 weeks with missing days, baseline as covariate",
     missing[c("mouse", "arm", "week", "y", "baseline")],
     list(lmer_of("y ~ baseline + arm * week + (1 | mouse)")))

caged <- mice(13, three, 8, weekly[1:4], cage = 2, omega = 0.2)
caged <- caged[-c(6, 31, 70), ]
kept("cages", "3 arms x 4 cages x 2 mice x 4 weeks, three days missing",
     caged[c("mouse", "cage", "arm", "week", "y")],
     list(lmer_of("y ~ arm * week + (1 | cage) + (1 | mouse)")))

singular <- mice(15, two, 5, weekly[1:5], tau = 0)
kept("singular", "2 arms x 5 mice x 5 weeks without a difference between mice: the intercept's variance is 0",
     singular[c("mouse", "arm", "week", "y")], list(lmer_of(intercept)))

empty <- mice(16, two, 5, weekly[1:5])
empty <- empty[!(empty$arm == "bmsc" & empty$week == 5) & !(empty$mouse == "m02" & empty$week == 3), ]
kept("empty_cell", "2 arms x 5 mice x 5 weeks, the treated arm never seen in week 5",
     empty[c("mouse", "arm", "week", "y")], list(lmer_of(intercept)))

sloping <- mice(17, two, 8, weekly[1:5], slope = 0.008)
kept("slope", "2 arms x 8 mice x 5 weeks, intercept and slope differ between mice",
     sloping[c("mouse", "arm", "day", "y")], list(lmer_of("y ~ arm * day + (day | mouse)", time = character(0))))

uneven <- mice(18, two, 10, c(1, 3, 7, 14, 28), tau = 0.15, rho = 0.5, sigma = 0.25)
uneven$week <- uneven$day
uneven <- uneven[-c(8, 33, 34, 90), ]
kept("uneven_days", "2 arms x 10 mice on days 1, 3, 7, 14 and 28 with serial correlation, four days missing",
     uneven[c("mouse", "arm", "week", "day", "y")],
     nlme = list(nlme_of(cells, "gls", "corCAR1(0.8, ~day|mouse)"),
                 nlme_of(cells, "lme", "corCAR1(0.8, ~day|mouse)"),
                 nlme_of(cells, "gls", "corSymm(form = ~occ|mouse)", "varIdent(form = ~1|week)")))

wide <- mice(19, two, 8, weekly[1:4], tau = 0.2, rho = 0.3, sigma = list(c(0.1, 0.15, 0.25, 0.4), c(0.15, 0.2, 0.3, 0.5)))
kept("variances", "2 arms x 8 mice x 4 weeks, the residual variance grows by the week and differs between arms",
     wide[c("mouse", "arm", "week", "day", "y")],
     nlme = list(nlme_of(cells, "lme", NULL, "varIdent(form = ~1|week)"),
                 nlme_of(cells, "lme", NULL, "varIdent(form = ~1|arm)"),
                 nlme_of(cells, "gls", "corCAR1(0.9, ~day|mouse)", "varIdent(form = ~1|arm)"),
                 nlme_of(cells, "gls", "corCAR1(0.9, ~day|mouse)", "varIdent(form = ~1|week)"),
                 nlme_of(cells, "lme", "corCAR1(0.9, ~day|mouse)", "varIdent(form = ~1|week)")))
