//! The HTML page, with its links replaced by those of the built files.

use crate::install::{MANIFEST, TOUCH_ICON};

/// The icon of the page. Its markup is embedded in the page.
pub(crate) const ICON: &str = "favicon.svg";

/// The parsed source of the page.
pub(crate) struct Source {
    /// The page without comments, and without the links to its style sheets and its script.
    html: String,
    style_sheets: Vec<String>,
    script: String,
}

impl Source {
    /// Finds the links of a page. Each link has to be on a line of its own.
    pub(crate) fn parse(html: &str) -> Result<Self, String> {
        let (mut kept, mut style_sheets, mut scripts) = (String::new(), Vec::new(), Vec::new());
        for line in without_comments(html)?.lines() {
            let link = line.trim();
            if let Some(name) = between(link, STYLE_SHEET) {
                style_sheets.push(name.to_owned());
            } else if let Some(name) = between(link, SCRIPT) {
                scripts.push(name.to_owned());
            } else if !link.is_empty() {
                // Browsers do not need the indentation.
                kept.push_str(link);
                kept.push('\n');
            }
        }
        let [script] = &scripts[..] else {
            return Err(format!("index.html has {} scripts and needs exactly one", scripts.len()));
        };
        let known = [ICON, MANIFEST, TOUCH_ICON].map(asset);
        let unknown = known.iter().fold(kept.clone(), |rest, link| rest.replace(link, ""));
        if let Some(at) = unknown.find("assets/") {
            let rest = unknown[at..].lines().next().unwrap_or_default();
            return Err(format!("index.html has an unknown link: {rest}"));
        }
        if !kept.contains("</head>") {
            return Err("index.html has no </head> to put links before".into());
        }
        Ok(Self { html: kept, style_sheets, script: script.clone() })
    }

    /// Returns the names of the style sheets, in order.
    pub(crate) fn style_sheets(&self) -> impl Iterator<Item = &str> {
        self.style_sheets.iter().map(String::as_str)
    }

    /// Returns the name of the script.
    pub(crate) fn script(&self) -> &str {
        &self.script
    }

    /// Writes the page with its links.
    pub(crate) fn write(&self, links: &Links) -> String {
        let (before, after) = STYLE_SHEET;
        let style = format!("{before}{}{after}", links.style);
        let (before, after) = SCRIPT;
        let last = format!("{style}\n{before}{}{after}\n</head>", links.script);
        let html = self.html.replacen("</head>", &last, 1);
        html.replace(&asset(ICON), &format!("\"{}\"", data_uri(&links.icon)))
            .replace(&asset(MANIFEST), &asset(&links.manifest))
            .replace(&asset(TOUCH_ICON), &asset(&links.touch_icon))
    }
}

/// The links of the page.
pub(crate) struct Links {
    /// The names of the only script, of the only style sheet, of the manifest, and of the icon for
    /// the home screen of Apple's devices.
    pub(crate) script: String,
    pub(crate) style: String,
    pub(crate) manifest: String,
    pub(crate) touch_icon: String,
    /// The markup of the icon, which is embedded in the page.
    pub(crate) icon: String,
}

fn asset(name: &str) -> String {
    format!("\"assets/{name}\"")
}

fn without_comments(html: &str) -> Result<String, String> {
    let (mut kept, mut rest) = (String::new(), html);
    while let Some((before, comment)) = rest.split_once("<!--") {
        kept.push_str(before);
        let (_, after) =
            comment.split_once("-->").ok_or("index.html has a comment without an end")?;
        rest = after;
    }
    kept.push_str(rest);
    Ok(kept)
}

fn between<'a>(line: &'a str, (before, after): (&str, &str)) -> Option<&'a str> {
    line.strip_prefix(before)?.strip_suffix(after)
}

/// Encodes an SVG as a data URI (RFC 2397). Characters that have a meaning in URIs, or that would
/// end the attribute, are escaped.
fn data_uri(svg: &str) -> String {
    let mut uri = String::from("data:image/svg+xml,");
    for byte in svg.trim().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'=' | b'/' | b':' => {
                uri.push(byte.into());
            }
            b' ' | b'\'' | b'(' | b')' | b',' | b';' => uri.push(byte.into()),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

const STYLE_SHEET: (&str, &str) = ("<link rel=\"stylesheet\" href=\"assets/", "\" />");
const SCRIPT: (&str, &str) = ("<script type=\"module\" src=\"assets/", "\"></script>");
