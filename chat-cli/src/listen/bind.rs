//! Binds the addresses of listeners, and creates their front ends.

use super::bind_error::BindError;
use super::{Listen, Needs, Service};
use crate::irc::IrcConfig;
use crate::place::Place;
#[cfg(unix)]
use crate::systemd::InheritedSockets;
use chat_server::dialects::{JsonDialect, TextDialect, TxtChatDialect};
use chat_server::irc::IrcDialect;
use chat_server::oidc::Oidc;
use chat_server::proxy::{ProxyListener, WebircListener};
#[cfg(unix)]
use chat_server::runtime::UnixSocket;
use chat_server::runtime::{FrontEnd, FrontEndError, Limits, Listener, Plain};
use chat_server::tcp::{AutoDialects, TcpFrontEnd};
use chat_server::tls::{Certificates, TlsListener};
use chat_server::web::WebFrontEnd;
use chat_server::ws::{ALPN, WsEndpoint};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};

/// The settings that all listeners share.
pub(crate) struct Common<'a> {
    pub(crate) certificates: Option<&'a Certificates>,
    pub(crate) http: HttpSettings<'a>,
    pub(crate) irc: &'a IrcDialect,
    pub(crate) irc_config: &'a IrcConfig,
    pub(crate) limits: &'a Limits,
}

/// The settings that all HTTP listeners share.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HttpSettings<'a> {
    /// The name of the cookie that contains tokens.
    pub(crate) cookie: Option<&'a str>,
    /// True if the API is open without a token even if there is authentication.
    pub(crate) open_api: bool,
    /// The login of the page with an identity provider.
    pub(crate) login: Option<&'a Arc<Oidc>>,
}

impl Listen {
    /// Begins to listen. Uses a socket that the service manager has passed, if there is one for
    /// this address.
    pub(crate) fn bind(
        &self,
        common: &Common<'_>,
        #[cfg(unix)] inherited: &mut InheritedSockets,
    ) -> Result<Bound, BindError> {
        if self.tls && common.certificates.is_none() {
            return Err(BindError::NoCertificate(self.to_string()));
        }
        match &self.place {
            Place::Ip(address) => {
                #[cfg(unix)]
                let inherited = inherited.tcp(self.socket.as_deref(), *address)?;
                #[cfg(not(unix))]
                let inherited = None;
                let listener = match inherited {
                    Some(listener) => from_std(listener).map_err(unusable_socket)?,
                    None => chat_server::runtime::bind(*address)?,
                };
                let address = listener.local_addr().map_err(no_address)?;
                self.with_proxy(listener, Place::Ip(address), common)
            }
            #[cfg(unix)]
            Place::Unix { path, mode } => {
                let listener = match inherited.unix(self.socket.as_deref(), path)? {
                    Some(listener) => UnixSocket::from_std(listener).map_err(unusable_socket)?,
                    None => chat_server::runtime::bind_unix(path, *mode)?,
                };
                let path = listener.local_addr().map_err(no_address)?;
                self.with_proxy(listener, Place::Unix { path, mode: *mode }, common)
            }
        }
    }

    /// Serves a listener, with PROXY headers if they are configured.
    fn with_proxy<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
        listener: impl Listener<Incoming = Plain<S>>,
        place: Place,
        common: &Common<'_>,
    ) -> Result<Bound, BindError> {
        if !self.proxy {
            return self.with_webirc(listener, place, common);
        }
        let Limits { proxies, handshake, .. } = common.limits;
        if proxies.is_empty() {
            return Err(BindError::NoProxies(self.to_string()));
        }
        let listener = ProxyListener::new(listener, proxies.clone()).patience(*handshake);
        if let Service::Web { .. } = self.service {
            return self.with_tls(listener.serve_health_checks(), place, common);
        }
        self.with_webirc(listener, place, common)
    }

    /// Serves a listener, for gateways if it is one for them.
    fn with_webirc<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
        listener: impl Listener<Incoming = Plain<S>>,
        place: Place,
        common: &Common<'_>,
    ) -> Result<Bound, BindError> {
        if !self.webirc {
            return self.with_tls(listener, place, common);
        }
        let gateways = common.irc_config.gateways()?;
        if gateways.is_empty() {
            return Err(BindError::NoGateways(self.to_string()));
        }
        let listener = WebircListener::new(listener, gateways).patience(common.limits.handshake);
        self.with_tls(listener, place, common)
    }

    /// Serves a listener, with TLS if it is configured.
    fn with_tls(
        &self,
        listener: impl Listener,
        place: Place,
        common: &Common<'_>,
    ) -> Result<Bound, BindError> {
        if !self.tls {
            return Ok(self.serve_on(listener, place, common)?);
        }
        let certificates =
            common.certificates.ok_or_else(|| BindError::NoCertificate(self.to_string()))?;
        let protocols: &[&str] = match self.service {
            Service::Web { .. } => ALPN,
            Service::Auto { .. }
            | Service::Text { .. }
            | Service::Json
            | Service::TxtChat { .. }
            | Service::Irc => &[],
        };
        let config = certificates.server_config(protocols);
        Ok(self.serve_on(TlsListener::new(listener, config), place, common)?)
    }

    fn serve_on(
        &self,
        listener: impl Listener,
        place: Place,
        common: &Common<'_>,
    ) -> Result<Bound, FrontEndError> {
        let http = common.http;
        let irc = || {
            // A proxy in front of the server may have TLS of its own, and so may one of HTTP.
            let is_direct = !self.proxy && !self.webirc && self.place.is_ip() && !self.is_web();
            let policy = common.irc_config.strict_transport(self.tls).filter(|_| is_direct);
            policy.into_iter().fold(common.irc.clone(), IrcDialect::strict_transport)
        };
        let bound = |front_end: Box<dyn FrontEnd>| {
            let listen = Self { place, ..self.clone() };
            Bound { listen, front_end }
        };
        let front_end = match &self.service {
            Service::Auto { style, names } => {
                let text = TextDialect::new(style.clone());
                let dialects = AutoDialects::new(text, JsonDialect::default(), txtchat(*names)?);
                TcpFrontEnd::on_auto(listener, dialects.irc(irc()))?
            }
            Service::Text { style } => TcpFrontEnd::on(listener, TextDialect::new(style.clone()))?,
            Service::Json => TcpFrontEnd::on(listener, JsonDialect::default())?,
            Service::TxtChat { names } => TcpFrontEnd::on(listener, txtchat(*names)?)?,
            Service::Irc => TcpFrontEnd::on(listener, irc())?,
            Service::Web { style, origins, metrics } => {
                let endpoint = WsEndpoint::default().text(TextDialect::new(style.clone()));
                let endpoint = endpoint.irc(irc());
                let endpoint = origins.iter().cloned().fold(endpoint, WsEndpoint::allow_origin);
                let endpoint = http.cookie.into_iter().fold(endpoint, WsEndpoint::cookie);
                let front_end = WebFrontEnd::on(listener, endpoint)?.open_api(http.open_api);
                let front_end = match http.login {
                    Some(login) => front_end.page_login(login.clone()),
                    None => front_end,
                };
                let front_end = metrics.iter().copied().fold(front_end, WebFrontEnd::metrics);
                return Ok(bound(Box::new(front_end)));
            }
        };
        Ok(bound(Box::new(front_end)))
    }
}

/// A front end that listens already.
pub(crate) struct Bound {
    /// The listener's URL, with the actual port.
    listen: Listen,
    front_end: Box<dyn FrontEnd>,
}

impl Bound {
    /// Returns the listener's URL, with the actual port.
    pub(crate) fn url(&self) -> String {
        self.listen.to_string()
    }

    /// Returns a command with which a user of this machine can connect, if there is one.
    pub(crate) fn hint(&self, needs: &Needs<'_>) -> Option<String> {
        self.listen.hint(needs)
    }

    pub(crate) fn into_front_end(self) -> Box<dyn FrontEnd> {
        self.front_end
    }
}

/// Converts a socket that another process has created.
fn from_std(listener: std::net::TcpListener) -> io::Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}

fn unusable_socket(error: io::Error) -> FrontEndError {
    FrontEndError::new("cannot listen on a socket that the service manager has passed", error)
}

fn no_address(error: io::Error) -> FrontEndError {
    FrontEndError::new("cannot read the listener's address", error)
}

/// Returns the txt-chat dialect with a random secret, so that the ids of its channels cannot be
/// guessed.
fn txtchat(names: bool) -> Result<TxtChatDialect, FrontEndError> {
    let mut secret = [0; 16];
    getrandom::fill(&mut secret)
        .map_err(|error| FrontEndError::new("cannot make a secret", io::Error::other(error)))?;
    Ok(TxtChatDialect::new(u128::from_le_bytes(secret)).names(names))
}
