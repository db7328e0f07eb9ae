//! How a document is sealed: in chunks of 64 KiB, each authenticated and bound to its place.
//!
//! XChaCha20-Poly1305 in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): the nonce of a
//! chunk is the document's random 19 bytes, its number, and whether it is the last. So a chunk that was
//! changed, moved, taken from another document or of another owner does not open, nor does what was cut
//! off. A tag over the head binds hash, length, kind and name to the same nonce: what opens under a head
//! is what was stored under it.
//!
//! INVARIANT: no nonce is used twice under a key: 152 random bits for each document, and in the nonce of
//! the head a last byte that STREAM (0 or 1) never has.

use chacha20poly1305::aead::stream::{NewStream, StreamBE32, StreamPrimitive};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use store::DocumentHead;

/// Plain bytes of a chunk; the last has as many as are left. Few rows for a large document, and little
/// memory for one that is read.
pub(super) const CHUNK: usize = 64 << 10;
/// By how much a sealed chunk is longer.
pub(super) const TAG: usize = 16;
/// Random bytes of a document's nonce.
pub(super) const NONCE: usize = 19;
/// The last byte of the nonce of a head.
const HEAD_MARK: u8 = 2;
/// What is sealed, so that nothing sealed for another purpose opens here.
const PURPOSE: &[u8] = b"gadolin document 1";

/// It does not open: it was changed, moved or cut off, or sealed with another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

/// The key of the documents of a data directory.
pub(super) struct Key {
    cipher: XChaCha20Poly1305,
    id: [u8; 8],
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    pub(super) fn new(key: [u8; 32]) -> Key {
        let mut sha = Sha256::new_with_prefix(b"gadolin document key");
        sha.update(key);
        let digest = sha.finalize();
        let mut id = [0; 8];
        id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Key { cipher: XChaCha20Poly1305::new(&key.into()), id }
    }

    /// Tells this key from others, and tells nothing of it.
    pub(super) fn id(&self) -> [u8; 8] {
        self.id
    }

    /// Seals and opens the chunks of one document.
    pub(super) fn sealer(&self, owner_id: &[u8; 16], nonce: &[u8; NONCE]) -> Sealer {
        let stream = StreamBE32::from_aead(self.cipher.clone(), nonce.into());
        Sealer { stream, bound: [PURPOSE, owner_id].concat() }
    }

    /// The tag of a head: over all that never changes of it.
    pub(super) fn head_tag(&self, head: &DocumentHead) -> Result<[u8; TAG], Broken> {
        let bound = head_bound(head);
        let payload = Payload { msg: &[], aad: &bound };
        let sealed = self.cipher.encrypt(&head_nonce(head), payload).map_err(|_| Broken)?;
        sealed.try_into().map_err(|_| Broken)
    }

    /// Whether the tag of a head is good.
    pub(super) fn head_check(&self, head: &DocumentHead) -> Result<(), Broken> {
        let bound = head_bound(head);
        let payload = Payload { msg: &head.tag, aad: &bound };
        self.cipher.decrypt(&head_nonce(head), payload).map(|_| ()).map_err(|_| Broken)
    }
}

/// The keys of a data directory: with the present one new documents are sealed; while a change of the key is
/// under way, or was broken off, some are sealed with the next one already.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) present: Key,
    pub(super) next: Option<Key>,
}

impl Keys {
    /// The key with which a document is sealed; nothing where it is another's.
    pub(super) fn of(&self, head: &DocumentHead) -> Option<&Key> {
        [Some(&self.present), self.next.as_ref()]
            .into_iter()
            .flatten()
            .find(|key| key.id() == head.key_id)
    }

    /// The ids of both; twice the same where there is one.
    pub(super) fn ids(&self) -> [[u8; 8]; 2] {
        let present = self.present.id();
        [present, self.next.as_ref().map_or(present, Key::id)]
    }
}

fn head_nonce(head: &DocumentHead) -> XNonce {
    let mut nonce = [HEAD_MARK; 24];
    nonce.iter_mut().zip(head.nonce).for_each(|(to, from)| *to = from);
    nonce.into()
}

/// The columns of a head, each with its length before it.
fn head_bound(head: &DocumentHead) -> Vec<u8> {
    let mut bound = PURPOSE.to_vec();
    for part in [
        head.key.owner_id.as_slice(),
        &head.key.sha256,
        &head.plain_bytes.to_be_bytes(),
        head.kind.as_bytes(),
        head.name.as_bytes(),
        &head.chunks.to_be_bytes(),
        &head.key_id,
        head.uploaded_by.as_bytes(),
        &head.uploaded_at_us.to_be_bytes(),
    ] {
        bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bound.extend_from_slice(part);
    }
    bound
}

/// Seals and opens the chunks of one document.
pub(super) struct Sealer {
    stream: StreamBE32<XChaCha20Poly1305>,
    bound: Vec<u8>,
}

/// Where a chunk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Others follow.
    Within(u32),
    /// The last.
    Last(u32),
}

impl Place {
    /// The place of a chunk among so many.
    pub(super) fn of(chunk_no: u32, chunks: u32) -> Place {
        if chunk_no.saturating_add(1) >= chunks {
            Place::Last(chunk_no)
        } else {
            Place::Within(chunk_no)
        }
    }

    fn parts(self) -> (u32, bool) {
        match self {
            Place::Within(chunk_no) => (chunk_no, false),
            Place::Last(chunk_no) => (chunk_no, true),
        }
    }
}

impl Sealer {
    pub(super) fn seal(&self, place: Place, plain: &[u8]) -> Result<Vec<u8>, Broken> {
        let (chunk_no, last) = place.parts();
        let payload = Payload { msg: plain, aad: &self.bound };
        self.stream.encrypt(chunk_no, last, payload).map_err(|_| Broken)
    }

    pub(super) fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, Broken> {
        let (chunk_no, last) = place.parts();
        let payload = Payload { msg: sealed, aad: &self.bound };
        self.stream.decrypt(chunk_no, last, payload).map_err(|_| Broken)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use store::DocumentKey;

    use super::*;

    fn head() -> DocumentHead {
        DocumentHead {
            key: DocumentKey { owner_id: [1; 16], sha256: [2; 32] },
            plain_bytes: 7,
            kind: "pdf".into(),
            name: "a.pdf".into(),
            chunks: 1,
            nonce: [3; 19],
            key_id: Key::new([4; 32]).id(),
            tag: [0; 16],
            uploaded_by: "mira".into(),
            uploaded_at_us: 5,
        }
    }

    /// Seals a text in chunks of so many bytes.
    fn sealed(sealer: &Sealer, plain: &[u8], chunk: usize) -> Vec<Vec<u8>> {
        let parts: Vec<&[u8]> = plain.chunks(chunk).collect();
        let chunks = parts.len() as u32;
        let each = parts.iter().zip(0..);
        each.map(|(part, no)| sealer.seal(Place::of(no, chunks), part).unwrap()).collect()
    }

    fn opened(sealer: &Sealer, chunks: &[Vec<u8>]) -> Result<Vec<u8>, Broken> {
        let count = chunks.len() as u32;
        let mut plain = Vec::new();
        for (chunk, no) in chunks.iter().zip(0..) {
            plain.extend(sealer.open(Place::of(no, count), chunk)?);
        }
        Ok(plain)
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens_as_it_was_and_with_any_bit_flipped_not_at_all(
            plain in prop::collection::vec(any::<u8>(), 1..2000),
            chunk in 1_usize..700,
            key: [u8; 32],
            owner: [u8; 16],
            nonce: [u8; 19],
            flip: prop::sample::Index,
        ) {
            let keyed = Key::new(key);
            let sealer = keyed.sealer(&owner, &nonce);
            let chunks = sealed(&sealer, &plain, chunk);
            prop_assert_eq!(opened(&sealer, &chunks), Ok(plain.clone()));
            // One bit of what is stored, of its owner, its nonce or its key.
            let bits = chunks.iter().map(Vec::len).sum::<usize>() * 8;
            let mut at = flip.index(bits + 8 * (16 + 19 + 32));
            let (mut broken, mut owner, mut nonce, mut key) = (chunks, owner, nonce, key);
            let all = broken.iter_mut().flatten().chain(&mut owner).chain(&mut nonce).chain(&mut key);
            for byte in all {
                if at < 8 {
                    *byte ^= 1 << at;
                    break;
                }
                at -= 8;
            }
            let other = Key::new(key).sealer(&owner, &nonce);
            prop_assert_eq!(opened(&other, &broken), Err(Broken));
        }

        #[test]
        fn chunks_that_were_moved_left_out_or_added_do_not_open(
            plain in prop::collection::vec(any::<u8>(), 40..400),
            one: prop::sample::Index,
            two: prop::sample::Index,
        ) {
            let sealer = Key::new([7; 32]).sealer(&[1; 16], &[2; 19]);
            let chunks = sealed(&sealer, &plain, 10);
            let (one, two) = (one.index(chunks.len()), two.index(chunks.len()));
            let mut swapped = chunks.clone();
            swapped.swap(one, two);
            prop_assert_eq!(opened(&sealer, &swapped).is_ok(), one == two);
            let mut fewer = chunks.clone();
            fewer.remove(one);
            prop_assert_eq!(opened(&sealer, &fewer), Err(Broken));
            prop_assert_eq!(opened(&sealer, &chunks[..=one]).is_ok(), one + 1 == chunks.len());
            let mut more = chunks.clone();
            more.insert(one, chunks[two].clone());
            prop_assert_eq!(opened(&sealer, &more), Err(Broken));
        }
    }

    #[test]
    fn whatever_is_changed_of_a_head_its_tag_is_good_no_more() {
        let key = Key::new([4; 32]);
        let mut good = head();
        good.tag = key.head_tag(&good).unwrap();
        assert_eq!(key.head_check(&good), Ok(()));
        type Change = fn(&mut DocumentHead);
        let changes: [(&str, Change); 11] = [
            ("owner", |head| head.key.owner_id[0] ^= 1),
            ("hash", |head| head.key.sha256[31] ^= 1),
            ("length", |head| head.plain_bytes += 1),
            ("kind", |head| head.kind = "xml".into()),
            ("name", |head| head.name = "b.pdf".into()),
            ("chunks", |head| head.chunks += 1),
            ("nonce", |head| head.nonce[18] ^= 1),
            ("key id", |head| head.key_id[0] ^= 1),
            ("tag", |head| head.tag[15] ^= 128),
            ("uploader", |head| head.uploaded_by = "nils".into()),
            ("instant", |head| head.uploaded_at_us += 1),
        ];
        for (what, change) in changes {
            let mut changed = good.clone();
            change(&mut changed);
            assert_eq!(key.head_check(&changed), Err(Broken), "{what}");
        }
        // What one column loses, another does not gain.
        let mut shifted = good.clone();
        (shifted.kind, shifted.name) = ("pdfa".into(), ".pdf".into());
        assert_eq!(key.head_check(&shifted), Err(Broken));
        assert_eq!(Key::new([5; 32]).head_check(&good), Err(Broken));
    }
}
