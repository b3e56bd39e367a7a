//! A certificate for this machine, signed by an authority that exists for one simulator.

use std::sync::Arc;

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// What a TLS server and its clients need.
pub(super) struct Tls {
    /// The authority's certificate, PEM.
    pub(super) authority: String,
    /// The server's side.
    pub(super) server: Arc<ServerConfig>,
}

/// Makes an authority and a certificate for `localhost`, `127.0.0.1` and [`PROXIED`](super::PROXIED).
pub(super) fn make() -> Result<Tls> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "Sidecard test authority");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), super::PROXIED.to_owned()];
    let certificate = CertificateParams::new(names)?.signed_by(&key, &authority)?;
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)?;
    server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Tls { authority: authority.pem(), server: Arc::new(server) })
}
