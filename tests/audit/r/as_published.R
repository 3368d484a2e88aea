# What R says of the tests that papers name, on tests/audit/as_published.csv.
# Run: Rscript tests/audit/r/as_published.R tests/audit/as_published.csv > tests/audit/as_published_r.csv
# Needs car and emmeans. Columns: set (all: 4, 6 and 5 animals; balanced: the first four of each arm), test, term, value.
suppressMessages({library(car); library(emmeans)})
options(digits = 15, contrasts = c("contr.sum", "contr.poly"))
set.seed(1) # the multivariate t of Dunnett's test is drawn
whole <- read.csv(commandArgs(TRUE)[1], colClasses = c("character", "character", "numeric", "numeric"))
out <- data.frame()
say <- function(set, test, ...) {
  found <- c(...)
  out <<- rbind(out, data.frame(set = set, test = test, term = names(found), value = unname(found)))
}
first_four <- as.integer(sub("[a-z]+", "", whole$animal)) <= 4
for (set in c("all", "balanced")) {
  d <- if (set == "all") whole else whole[first_four, ]
  d$arm <- factor(d$arm); d$animal <- factor(d$animal); d$t <- factor(d$time)

  ordinary <- Anova(lm(y ~ arm * t, d), type = 3)
  say(set, "two_way_anova", F_arm = ordinary["arm", "F value"], p_arm = ordinary["arm", "Pr(>F)"],
      F_time = ordinary["t", "F value"], p_time = ordinary["t", "Pr(>F)"],
      F_interaction = ordinary["arm:t", "F value"], p_interaction = ordinary["arm:t", "Pr(>F)"],
      df_error = ordinary["Residuals", "Df"])

  wide <- reshape(d[c("animal", "arm", "time", "y")], idvar = c("animal", "arm"), timevar = "time", direction = "wide")
  mlm <- lm(as.matrix(wide[grep("^y", names(wide))]) ~ arm, wide)
  idata <- data.frame(t = factor(sort(unique(d$time))))
  rm <- summary(Anova(mlm, idata = idata, idesign = ~t, type = 2), multivariate = FALSE)
  u <- rm$univariate.tests; g <- rm$pval.adjustments
  say(set, "two_way_rm_anova", F_arm = u["arm", "F value"], p_arm = u["arm", "Pr(>F)"],
      F_time = u["t", "F value"], p_time = u["t", "Pr(>F)"],
      F_interaction = u["arm:t", "F value"], p_interaction = u["arm:t", "Pr(>F)"],
      df2_arm = u["arm", "den Df"], df2_time = u["t", "den Df"])
  say(set, "mixed_anova_gg", epsilon = g["t", "GG eps"], p_time = g["t", "Pr(>F[GG])"], p_interaction = g["arm:t", "Pr(>F[GG])"])

  if (set == "balanced") {
    # The standard error of a difference between arms at one time: strata combined by emmeans.
    strata <- aov(y ~ arm * t + Error(animal), d)
    e <- as.data.frame(suppressMessages(pairs(emmeans(strata, ~ arm | t))))
    e <- e[e$contrast == "control - high", ]
    say(set, "after_rm", setNames(-e$t.ratio, paste0("t_", e$t)))
  }
  ms <- summary(lm(y ~ arm * t, d))$sigma^2
  for (time in sort(unique(d$time))) {
    a <- d$y[d$arm == "high" & d$time == time]; b <- d$y[d$arm == "control" & d$time == time]
    student <- t.test(a, b, var.equal = TRUE); welch <- t.test(a, b); ranks <- wilcox.test(a, b, exact = TRUE)
    say(set, "student_t", setNames(c(student$statistic, student$p.value), paste0(c("t_", "p_"), time)))
    say(set, "welch_t", setNames(c(welch$statistic, welch$parameter, welch$p.value), paste0(c("t_", "df_", "p_"), time)))
    say(set, "mann_whitney", setNames(c(ranks$statistic, ranks$p.value), paste0(c("U_", "p_"), time)))
    say(set, "after_two_way", setNames((mean(a) - mean(b)) / sqrt(ms * (1 / length(a) + 1 / length(b))), paste0("t_", time)))
  }
  students <- out$value[out$set == set & out$test == "student_t" & grepl("^p_", out$term)]
  for (how in c("bonferroni", "holm")) say(set, paste0("student_t_", how), setNames(p.adjust(students, how), paste0("p_", sort(unique(d$time)))))

  m <- aggregate(y ~ animal + arm, d, mean)
  one <- anova(lm(y ~ arm, m)); welch <- oneway.test(y ~ arm, m); ranks <- kruskal.test(y ~ arm, m)
  say(set, "one_way_anova", F_arm = one["arm", "F value"], p_arm = one["arm", "Pr(>F)"])
  say(set, "welch_anova", F_arm = unname(welch$statistic), df2_arm = unname(welch$parameter[2]), p_arm = welch$p.value)
  say(set, "kruskal_wallis", H_arm = unname(ranks$statistic), p_arm = ranks$p.value)
  for (how in c("none", "bonferroni", "holm")) say(set, paste0("after_one_way_", how), p = pairwise.t.test(m$y, m$arm, how)$p.value["high", "control"])
  say(set, "after_one_way_tukey", p = TukeyHSD(aov(y ~ arm, m))$arm["high-control", "p adj"])
  against <- as.data.frame(contrast(emmeans(lm(y ~ arm, m), ~arm), "trt.vs.ctrl", ref = "control", adjust = "mvt"))
  say(set, "after_one_way_dunnett", p = against$p.value[against$contrast == "high - control"])
}

# Two days of each animal against one another: all 15 (Spearman by t), the first nine and the first five (exact).
for (n in c(15, 9, 5)) {
  one <- whole$y[whole$time == 5][1:n]; two <- whole$y[whole$time == 14][1:n]
  pearson <- cor.test(one, two); spearman <- cor.test(one, two, method = "spearman", exact = n <= 9)
  say(paste("first", n), "pearson", r = pearson$estimate[[1]], df = pearson$parameter[[1]], p = pearson$p.value)
  say(paste("first", n), "spearman", r = spearman$estimate[[1]], p = spearman$p.value)
}
write.csv(out, row.names = FALSE, quote = FALSE)
