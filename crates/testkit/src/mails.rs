//! Letters as tests read them, before anybody sends them.

use writ_core::time::Micros;
use writ_server::mail::{Mail, open};

use crate::server::TestServer;

impl TestServer {
    /// The letters that wait, the oldest first; those for nobody are left out.
    pub async fn letters(&self) -> Vec<Mail> {
        let waiting = self.app.store.mail_due(Micros(i64::MAX), 1000).await.expect("storage");
        let letters = waiting.iter().map(|one| open(&self.app, one.id, &one.sealed).expect("a letter"));
        letters.filter(|mail| mail.to.is_some()).collect()
    }

    /// How many letters wait, those for nobody too.
    pub async fn letters_waiting(&self) -> usize {
        self.app.store.mail_due(Micros(i64::MAX), 1000).await.expect("storage").len()
    }

    /// The token in the newest letter with a link.
    pub async fn newest_token(&self) -> String {
        let letters = self.letters().await;
        let link = letters.iter().rev().find_map(|mail| mail.link.as_deref()).expect("a link");
        link.split_once("?token=").expect("a token").1.to_owned()
    }
}
