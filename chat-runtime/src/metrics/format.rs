//! The formats in which metrics are written.

/// A text format for metrics. Both say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetricsFormat {
    /// OpenMetrics 1.0.0.
    OpenMetrics,
    /// Prometheus' older text format, version 0.0.4, which every tool in the field reads.
    Prometheus,
}

impl MetricsFormat {
    /// The value of `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    /// Writes metrics that are in OpenMetrics' format in this one.
    pub(crate) fn write(self, open_metrics: String) -> String {
        match self {
            Self::OpenMetrics => open_metrics,
            Self::Prometheus => prometheus(&open_metrics),
        }
    }
}

/// Samples are the same in both. The older format has no units and no end, and describes a counter
/// by the name that its samples have, with `_total`.
fn prometheus(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    let mut help = None;
    for line in open_metrics.lines() {
        if let Some(described) = line.strip_prefix("# HELP ") {
            help = described.split_once(' ');
        } else if let Some((name, kind)) =
            line.strip_prefix("# TYPE ").and_then(|typed| typed.split_once(' '))
        {
            let suffix = if kind == "counter" { "_total" } else { "" };
            if let Some((_, help)) = help.take() {
                text.extend(["# HELP ", name, suffix, " ", help, "\n"]);
            }
            text.extend(["# TYPE ", name, suffix, " ", kind, "\n"]);
        } else if !line.starts_with('#') {
            text.extend([line, "\n"]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_format_describes_counters_by_their_samples() {
        let open_metrics = "\
# HELP chat_users Users.\n# TYPE chat_users gauge\nchat_users 1\n\
# HELP chat_faults Faults.\n# TYPE chat_faults counter\nchat_faults_total 2\n\
# HELP chat_input_seconds Time.\n# TYPE chat_input_seconds histogram\n\
# UNIT chat_input_seconds seconds\nchat_input_seconds_sum 0.5\nchat_input_seconds_count 3\n\
chat_input_seconds_bucket{le=\"+Inf\"} 3\n# EOF\n";
        let expected = "\
# HELP chat_users Users.\n# TYPE chat_users gauge\nchat_users 1\n\
# HELP chat_faults_total Faults.\n# TYPE chat_faults_total counter\nchat_faults_total 2\n\
# HELP chat_input_seconds Time.\n# TYPE chat_input_seconds histogram\n\
chat_input_seconds_sum 0.5\nchat_input_seconds_count 3\n\
chat_input_seconds_bucket{le=\"+Inf\"} 3\n";
        assert_eq!(MetricsFormat::Prometheus.write(open_metrics.into()), expected);
    }
}
