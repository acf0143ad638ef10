//! NickServ and ChanServ: the names under which people of IRC look for accounts and roles. They are
//! no users; the server itself answers.

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    NickServ,
    ChanServ,
}

impl Service {
    /// Returns the service of a name, whatever its case.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        [Self::NickServ, Self::ChanServ]
            .into_iter()
            .find(|service| name.eq_ignore_ascii_case(service.name()))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NickServ => "NickServ",
            Self::ChanServ => "ChanServ",
        }
    }
}
