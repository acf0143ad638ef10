//! The files with which browsers install the page as an application: the manifest and its icons.

use crate::output::Output;
use std::collections::BTreeMap;

/// The [manifest](https://www.w3.org/TR/appmanifest/).
pub(crate) const MANIFEST: &str = "manifest.webmanifest";
/// The icon for the home screen of Apple's devices, which do not read the manifest for it.
pub(crate) const TOUCH_ICON: &str = "icon-192.png";

/// The icons of the manifest.
pub(crate) struct Icons {
    pub(crate) files: Vec<Output>,
}

impl Icons {
    /// Takes all PNG images out of the files of the page.
    pub(crate) fn take(files: &mut BTreeMap<String, Vec<u8>>) -> Self {
        let is_icon = |name: &String| name.ends_with(".png");
        let names: Vec<String> = files.keys().filter(|name| is_icon(name)).cloned().collect();
        let files = names.into_iter().filter_map(|name| {
            let content = files.remove(&name)?;
            Some(Output::new(&name, "image/png", content))
        });
        Self { files: files.collect() }
    }

    /// Makes the manifest, with links to the icons as they are served. All icons have to be linked.
    pub(crate) fn link(&self, manifest: &str) -> Result<Output, String> {
        let mut linked = manifest.to_owned();
        for icon in &self.files {
            let link = format!("\"{}\"", icon.name);
            if !linked.contains(&link) {
                return Err(format!("{MANIFEST} does not link to {}", icon.name));
            }
            linked = linked.replace(&link, &format!("\"{}\"", icon.hashed_name()));
        }
        Ok(Output::new(MANIFEST, "application/manifest+json", linked))
    }

    /// Returns the name of the icon for Apple's devices, as it is served.
    pub(crate) fn touch_icon(&self) -> Result<String, String> {
        let icon = self.files.iter().find(|icon| icon.name == TOUCH_ICON);
        Ok(icon.ok_or_else(|| format!("assets/{TOUCH_ICON} is missing"))?.hashed_name())
    }
}
