//! The result of examining a store: the checks that were made, and what they found.

use std::fmt;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is wrong yet, or only under some conditions.
    Warning,
    /// The store is damaged or unprotected, or the service cannot work with it.
    Error,
}

impl Severity {
    /// Returns the word for the severity: `warning` or `error`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A problem that a check has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The name of the check.
    pub check: &'static str,
    /// The severity.
    pub severity: Severity,
    /// The problem.
    pub problem: String,
    /// The advice: an action that cures it.
    pub advice: String,
}

/// The checks that were made, in order, and their findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examination {
    checks: Vec<&'static str>,
    findings: Vec<Finding>,
}

impl Examination {
    /// Begins a check. The findings that follow are its own.
    pub fn begin(&mut self, check: &'static str) {
        self.checks.push(check);
    }

    /// Adds an error that the check has found.
    pub fn error(&mut self, problem: impl Into<String>, advice: impl Into<String>) {
        self.add(Severity::Error, problem.into(), advice.into());
    }

    /// Adds a warning that the check has found.
    pub fn warning(&mut self, problem: impl Into<String>, advice: impl Into<String>) {
        self.add(Severity::Warning, problem.into(), advice.into());
    }

    fn add(&mut self, severity: Severity, problem: String, advice: String) {
        let check = self.checks.last().copied().unwrap_or_default();
        self.findings.push(Finding { check, severity, problem, advice });
    }

    /// Adds the checks and findings of another examination.
    pub fn append(&mut self, other: Self) {
        self.checks.extend(other.checks);
        self.findings.extend(other.findings);
    }

    /// Returns the names of the checks that were made, in order.
    pub fn checks(&self) -> &[&'static str] {
        &self.checks
    }

    /// Returns the findings, in order.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_names_the_check_that_was_begun_last() {
        let mut examination = Examination::default();
        examination.begin("one");
        examination.begin("two");
        examination.warning("a problem", "an advice");
        let mut all = Examination::default();
        all.append(examination);
        assert_eq!(all.checks(), ["one", "two"]);
        assert_eq!((all.findings()[0].check, all.findings()[0].severity), ("two", Severity::Warning));
    }
}
