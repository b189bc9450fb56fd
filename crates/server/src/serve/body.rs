//! Reading a request body whole, within a size and a time.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt as _;
use hyper::body::Body;

use super::crowd::Room;

/// Why a request body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The body is longer than allowed, by its `Content-Length` or by what arrived.
    #[error("the request body is larger than {limit} bytes")]
    TooLarge {
        /// The bound that was passed, in bytes.
        limit: usize,
    },
    /// The body was not complete in time.
    #[error("the request body did not arrive in time")]
    TimedOut,
    /// Too many bodies of the same network are on their way.
    #[error("too many request bodies from your network are on their way; try again in a moment")]
    Crowded,
    /// The body ended early, or its chunked coding is broken.
    #[error("the request body is incomplete or malformed")]
    Malformed,
}

impl BodyError {
    /// The status that answers it: 413 (RFC 9110 §15.5.14), 408 (§15.5.9) or 400 (§15.5.1).
    pub fn status(self) -> StatusCode {
        match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::Crowded => StatusCode::TOO_MANY_REQUESTS,
            Self::Malformed => StatusCode::BAD_REQUEST,
        }
    }
}

/// What bounds the reading of a body.
#[derive(Debug)]
pub struct Bound {
    /// Bytes at the most.
    pub limit: usize,
    /// Time for the whole of it, counted from the first time it makes us wait.
    pub timeout: Duration,
    /// Where bytes that make us wait are counted; none: nowhere.
    pub room: Option<Room>,
}

/// Reads `body` to its end, within `bound`. Trailers are ignored.
///
/// A body that came with its head, as nearly all do here, costs no copy, no allocation, no timer and no room.
///
/// # Errors
/// [`BodyError::TooLarge`] before anything is read if the announced length (RFC 9110 §8.6) is above `limit`, else
/// as soon as more arrives; [`BodyError::TimedOut`]; [`BodyError::Crowded`]; [`BodyError::Malformed`] for whatever the transport reports.
pub async fn read_body<B>(mut body: B, bound: Bound) -> Result<Bytes, BodyError>
where
    B: Body<Data = Bytes> + Unpin,
{
    let Bound { limit, timeout, room } = bound;
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limit {
        return Err(BodyError::TooLarge { limit });
    }
    let mut whole = Whole { gathered: GatheredBody::Nothing, announced, limit };
    // One look without a timer. What is there already is taken; only a body that makes us wait gets a deadline.
    loop {
        if body.is_end_stream() {
            return Ok(whole.finish());
        }
        match poll_fn(|cx| Poll::Ready(Pin::new(&mut body).poll_frame(cx))).await {
            Poll::Ready(None) => return Ok(whole.finish()),
            Poll::Ready(Some(Ok(frame))) => whole.take(frame)?,
            Poll::Ready(Some(Err(_))) => return Err(BodyError::Malformed),
            Poll::Pending => break,
        }
    }
    // As much as may still come: what is announced, or what is allowed.
    let most =
        body.size_hint().exact().and_then(|left| usize::try_from(left).ok()).unwrap_or(limit).min(limit);
    let _held = match room {
        Some(room) => Some(room.hold(most).ok_or(BodyError::Crowded)?),
        None => None,
    };
    let rest = async {
        while let Some(frame) = body.frame().await {
            whole.take(frame.map_err(|_| BodyError::Malformed)?)?;
        }
        Ok(whole.finish())
    };
    tokio::time::timeout(timeout, rest).await.unwrap_or(Err(BodyError::TimedOut))
}

enum GatheredBody {
    Nothing,
    /// A single frame is handed on as it came.
    One(Bytes),
    Many(BytesMut),
}

struct Whole {
    gathered: GatheredBody,
    announced: usize,
    limit: usize,
}

impl Whole {
    fn take(&mut self, frame: hyper::body::Frame<Bytes>) -> Result<(), BodyError> {
        let Ok(data) = frame.into_data() else {
            return Ok(()); // trailers
        };
        let so_far = match &self.gathered {
            GatheredBody::Nothing => 0,
            GatheredBody::One(first) => first.len(),
            GatheredBody::Many(many) => many.len(),
        };
        if data.len() > self.limit - so_far {
            return Err(BodyError::TooLarge { limit: self.limit });
        }
        self.gathered = match std::mem::replace(&mut self.gathered, GatheredBody::Nothing) {
            GatheredBody::Nothing => GatheredBody::One(data),
            GatheredBody::One(first) => {
                // `announced` is at most `limit`, so a lying length reserves no more than the bound.
                let mut many = BytesMut::with_capacity(self.announced.max(first.len() + data.len()));
                many.extend_from_slice(&first);
                many.extend_from_slice(&data);
                GatheredBody::Many(many)
            }
            GatheredBody::Many(mut many) => {
                many.extend_from_slice(&data);
                GatheredBody::Many(many)
            }
        };
        Ok(())
    }

    fn finish(&mut self) -> Bytes {
        match std::mem::replace(&mut self.gathered, GatheredBody::Nothing) {
            GatheredBody::Nothing => Bytes::new(),
            GatheredBody::One(first) => first,
            GatheredBody::Many(many) => many.freeze(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::crowd::Bodies;
    use std::collections::VecDeque;
    use std::sync::Arc;
    use std::task::Context;

    const SOON: Duration = Duration::from_millis(20);

    /// Frames in order; then the end, or nothing ever again.
    struct Frames {
        frames: VecDeque<Result<Bytes, &'static str>>,
        after: After,
    }

    enum After {
        End,
        Silence,
    }

    impl Body for Frames {
        type Data = Bytes;
        type Error = &'static str;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
        ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, &'static str>>> {
            match (self.frames.pop_front(), &self.after) {
                (Some(next), _) => Poll::Ready(Some(next.map(hyper::body::Frame::data))),
                (None, After::End) => Poll::Ready(None),
                (None, After::Silence) => Poll::Pending,
            }
        }
    }

    fn frames(parts: &[&'static str], after: After) -> Frames {
        Frames { frames: parts.iter().map(|part| Ok(Bytes::from_static(part.as_bytes()))).collect(), after }
    }

    fn within(limit: usize) -> Bound {
        Bound { limit, timeout: SOON, room: None }
    }

    /// One network cannot have more on the way than its room, and takes nothing from others.
    #[tokio::test]
    async fn bodies_that_make_us_wait_take_room() {
        let bodies = Arc::new(Bodies::default());
        bodies.set_most(100);
        let bound = |ip: [u8; 4]| Bound { limit: 60, timeout: SOON, room: Some(bodies.of(ip.into())) };
        let (one, other, elsewhere, ready) = tokio::join!(
            read_body(frames(&["12"], After::Silence), bound([192, 0, 2, 7])),
            read_body(frames(&["12"], After::Silence), bound([192, 0, 2, 7])),
            read_body(frames(&["12"], After::Silence), bound([192, 0, 2, 8])),
            read_body(frames(&["12"], After::End), bound([192, 0, 2, 7])),
        );
        assert_eq!((one, other), (Err(BodyError::TimedOut), Err(BodyError::Crowded)));
        assert_eq!((elsewhere, ready), (Err(BodyError::TimedOut), Ok(Bytes::from_static(b"12"))));
        let again = read_body(frames(&["12"], After::Silence), bound([192, 0, 2, 7])).await;
        assert_eq!(again, Err(BodyError::TimedOut), "what was held is given back");
    }

    #[tokio::test]
    async fn a_single_frame_is_not_copied() {
        let frame = Bytes::from_static(b"grant_type=client_credentials");
        let body = http_body_util::Full::new(frame.clone());
        let read = read_body(body, within(64)).await.unwrap();
        assert_eq!(read.as_ptr(), frame.as_ptr());
        assert_eq!(read.len(), frame.len());
    }

    /// Outside a runtime a timer cannot be made, so this would panic if one were.
    #[test]
    fn a_ready_body_needs_no_timer() {
        let mut reading = Box::pin(read_body(frames(&["a=1", "&b=2"], After::End), within(64)));
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert_eq!(reading.as_mut().poll(&mut cx), Poll::Ready(Ok(Bytes::from_static(b"a=1&b=2"))));
    }

    #[tokio::test]
    async fn the_bound_is_inclusive() {
        let fits = read_body(frames(&["12", "34"], After::End), within(4)).await;
        assert_eq!(fits, Ok(Bytes::from_static(b"1234")));
        let over = read_body(frames(&["12", "345"], After::End), within(4)).await;
        assert_eq!(over, Err(BodyError::TooLarge { limit: 4 }));
        assert_eq!(read_body(frames(&[], After::End), within(0)).await, Ok(Bytes::new()));
    }

    /// RFC 9110 §8.6: the announced length alone is enough to refuse.
    #[tokio::test]
    async fn an_announced_length_above_the_bound_is_refused_unread() {
        let body = http_body_util::Full::new(Bytes::from_static(b"12345"));
        assert_eq!(read_body(body, within(4)).await, Err(BodyError::TooLarge { limit: 4 }));
    }

    #[tokio::test]
    async fn silence_runs_into_the_deadline() {
        let stalled = read_body(frames(&["12"], After::Silence), within(4)).await;
        assert_eq!(stalled, Err(BodyError::TimedOut));
    }

    #[tokio::test]
    async fn a_broken_body_is_malformed() {
        let mut broken = frames(&["12"], After::End);
        broken.frames.push_back(Err("connection lost"));
        assert_eq!(read_body(broken, within(4)).await, Err(BodyError::Malformed));
    }
}
