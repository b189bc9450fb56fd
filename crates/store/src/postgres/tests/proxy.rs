//! A network that fails when told to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// What happens to what the client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weather {
    /// It arrives, and so does the answer.
    Fair,
    /// Once, what contains these bytes arrives and is answered, but the client is cut off before the answer.
    CutAfter(&'static [u8]),
    /// Once, what contains these bytes arrives, and the client is cut off at once; the server notices nothing.
    CutDuring(&'static [u8]),
    /// Once, what contains these bytes does not arrive, and the client is cut off.
    CutBefore(&'static [u8]),
    /// As `CutAfter`, and from then on it is [`Weather::Void`].
    CutAfterThenVoid(&'static [u8]),
    /// Nothing arrives, nothing is refused.
    Void,
}

pub(super) struct Proxy {
    pub address: SocketAddr,
    weather: Arc<Mutex<Weather>>,
    /// Cut off: the server's side is kept open.
    accepting: AbortHandle,
}

impl Proxy {
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let weather = Arc::new(Mutex::new(Weather::Fair));
        let shared = Arc::clone(&weather);
        let accepting = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(pass(client, port, Arc::clone(&shared)));
            }
        });
        Self { address, weather, accepting: accepting.abort_handle() }
    }

    pub fn set(&self, weather: Weather) {
        *self.weather.lock().unwrap() = weather;
    }

    pub fn weather(&self) -> Weather {
        *self.weather.lock().unwrap()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn holds(bytes: &[u8], pattern: &[u8]) -> bool {
    bytes.windows(pattern.len()).any(|window| window == pattern)
}

async fn pass(mut client: TcpStream, port: u16, weather: Arc<Mutex<Weather>>) {
    let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut from_client, mut from_server) = (vec![0; 65536], vec![0; 65536]);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let Ok(length @ 1..) = read else { return };
                let bytes = &from_client[..length];
                let now = {
                    let mut weather = weather.lock().unwrap();
                    let now = *weather;
                    match now {
                        Weather::CutAfter(pattern) | Weather::CutDuring(pattern) | Weather::CutBefore(pattern) if holds(bytes, pattern) => {
                            *weather = Weather::Fair;
                            now
                        }
                        Weather::CutAfterThenVoid(pattern) if holds(bytes, pattern) => {
                            *weather = Weather::Void;
                            now
                        }
                        Weather::Void => Weather::Void,
                        _ => Weather::Fair,
                    }
                };
                match now {
                    Weather::Fair => server.write_all(bytes).await.unwrap_or_default(),
                    Weather::CutAfter(_) | Weather::CutAfterThenVoid(_) => {
                        server.write_all(bytes).await.unwrap();
                        // The answer, and all of it that may still follow, is lost.
                        assert_ne!(server.read(&mut from_server).await.unwrap(), 0);
                        return cut_off(client, server).await;
                    }
                    Weather::CutDuring(_) => {
                        server.write_all(bytes).await.unwrap();
                        return cut_off(client, server).await;
                    }
                    Weather::CutBefore(_) => return cut_off(client, server).await,
                    Weather::Void => {}
                }
            }
            read = server.read(&mut from_server) => {
                let Ok(length @ 1..) = read else { return };
                if *weather.lock().unwrap() != Weather::Void && client.write_all(&from_server[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// The client is gone; the server's side stays as it is, until the server ends it or a minute is over.
async fn cut_off(client: TcpStream, mut server: TcpStream) {
    drop(client);
    let mut rest = vec![0; 4096];
    let ends = async { while let Ok(1..) = server.read(&mut rest).await {} };
    drop(tokio::time::timeout(Duration::from_mins(1), ends).await);
}
