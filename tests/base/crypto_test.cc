// Published vectors, and what must not open: every changed byte, wrong keys, wrong places.
#include "core/base/crypto.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <set>

namespace veilroute::crypto {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value(); }
Secret key_of(std::string_view text) { return Secret(hex(text)); }

constexpr std::string_view kSomeKey =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

TEST(Sha256, MatchesPublishedVectors) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, InPiecesIsTheSameAsAtOnceAndStartsAfreshAfterwards) {
  Hasher hasher;
  hasher.update(as_bytes("a"));
  hasher.update({});
  hasher.update(as_bytes("bc"));
  EXPECT_EQ(hasher.finish(), sha256(as_bytes("abc")));
  hasher.update(as_bytes("abc"));
  EXPECT_EQ(hasher.finish(), sha256(as_bytes("abc")));
  EXPECT_EQ(hasher.finish(), sha256({}));
}

TEST(Sha256, TellsWhatItIsSoFarAndGoesOn) {
  Hasher hasher;
  EXPECT_EQ(hasher.so_far(), sha256({}));
  hasher.update(as_bytes("ab"));
  EXPECT_EQ(hasher.so_far(), sha256(as_bytes("ab")));
  hasher.update(as_bytes("c"));
  EXPECT_EQ(hasher.so_far(), sha256(as_bytes("abc")));
  EXPECT_EQ(hasher.finish(), sha256(as_bytes("abc")));
}

TEST(Hmac, MatchesRfc4231) {
  EXPECT_EQ(to_hex(hmac_sha256(Bytes(20, 0x0B), as_bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(Bytes(131, 0xAA),
                               as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Random, DoesNotRepeatItself) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(to_hex(random_key().view()));
  EXPECT_EQ(seen.size(), 100U);
}

/// RFC 5649 written out from its text with bare AES, to hold against the library's.
Bytes wrap_by_the_book(const Bytes& key, const Bytes& plain) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(context, EVP_aes_256_ecb(), nullptr, key.data(), nullptr);
  EVP_CIPHER_CTX_set_padding(context, 0);
  std::array<std::uint8_t, 8> a = {0xA6, 0x59, 0x59, 0xA6, 0, 0, 0, 32};
  Bytes r = plain;
  for (unsigned j = 0; j < 6; ++j) {
    for (unsigned i = 0; i < 4; ++i) {
      std::array<std::uint8_t, 16> block{};
      std::copy(a.begin(), a.end(), block.begin());
      std::copy_n(r.begin() + 8 * i, 8, block.begin() + 8);
      int done = 0;
      EVP_EncryptUpdate(context, block.data(), &done, block.data(), 16);
      std::copy_n(block.begin(), 8, a.begin());
      a[7] = static_cast<std::uint8_t>(a[7] ^ (4 * j + i + 1));
      std::copy_n(block.begin() + 8, 8, r.begin() + 8 * i);
    }
  }
  EVP_CIPHER_CTX_free(context);
  Bytes wrapped(a.begin(), a.end());
  wrapped.insert(wrapped.end(), r.begin(), r.end());
  return wrapped;
}

TEST(KeyWrap, IsRfc5649) {
  const Bytes plain = hex("c37b7e6492584340bed12207808941155068f738f5be2d6fabcdef0123456789");
  const auto wrapped = wrap_key(key_of(kSomeKey), Secret(Bytes(plain)));
  ASSERT_TRUE(wrapped.ok());
  EXPECT_EQ(to_hex(*wrapped), to_hex(wrap_by_the_book(hex(kSomeKey), plain)));
  EXPECT_EQ(wrapped->size(), kWrappedKeyBytes);
}

TEST(KeyWrap, OpensOnlyUnderItsKeyAndUnchanged) {
  const Secret wrapping = key_of(kSomeKey);
  const Secret key = random_key();
  Bytes wrapped = wrap_key(wrapping, key).value();
  EXPECT_TRUE(std::ranges::equal(unwrap_key(wrapping, wrapped).value().view(), key.view()));
  EXPECT_EQ(unwrap_key(random_key(), wrapped).error().kind, ErrorKind::corrupt);
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    wrapped[i] ^= 0x01U;
    EXPECT_EQ(unwrap_key(wrapping, wrapped).error().kind, ErrorKind::corrupt) << i;
    wrapped[i] ^= 0x01U;
  }
  for (std::size_t length = 0; length < wrapped.size(); ++length) {
    EXPECT_FALSE(unwrap_key(wrapping, ByteView(wrapped).first(length)).ok()) << length;
  }
  wrapped.resize(48);
  EXPECT_FALSE(unwrap_key(wrapping, wrapped).ok());
}

TEST(KeyWrap, RefusesKeysOfAnotherLength) {
  EXPECT_EQ(wrap_key(Secret(Bytes(16)), random_key()).error().kind, ErrorKind::internal);
  EXPECT_EQ(wrap_key(random_key(), Secret(Bytes(31))).error().kind, ErrorKind::internal);
}

TEST(Seal, OpensThePublishedGcmVector) {
  const Secret key = key_of("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const Bytes context = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const Bytes sealed =
      hex("cafebabefacedbaddecaf888"
          "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
          "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
          "76fc6ece0f4e1768cddf8853bb2d551b");
  const auto plain = open(key, as_text(context), sealed);
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(to_hex(*plain),
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
}

TEST(Seal, EveryChangedByteAndEveryCutIsFound) {
  const Secret key = random_key();
  for (const std::string_view text : {"", "x", "a longer value of more than a block of sixteen"}) {
    Bytes sealed = seal(key, "study:17", as_bytes(text)).value();
    EXPECT_EQ(sealed.size(), text.size() + 12 + kTagBytes);
    EXPECT_EQ(as_text(open(key, "study:17", sealed).value()), text);
    for (std::size_t i = 0; i < sealed.size(); ++i) {
      sealed[i] ^= 0x80U;
      EXPECT_EQ(open(key, "study:17", sealed).error().kind, ErrorKind::corrupt) << i;
      sealed[i] ^= 0x80U;
    }
    for (std::size_t length = 0; length < sealed.size(); ++length) {
      EXPECT_FALSE(open(key, "study:17", ByteView(sealed).first(length)).ok()) << length;
    }
    sealed.push_back(0);
    EXPECT_FALSE(open(key, "study:17", sealed).ok());
  }
}

TEST(Seal, DoesNotOpenInAnotherPlaceOrUnderAnotherKey) {
  const Secret key = random_key();
  const Bytes sealed = seal(key, "study:17", as_bytes("value")).value();
  EXPECT_EQ(open(key, "study:18", sealed).error().slug, "seal.broken");
  EXPECT_FALSE(open(key, "", sealed).ok());
  EXPECT_FALSE(open(random_key(), "study:17", sealed).ok());
  EXPECT_EQ(open(Secret(Bytes(5)), "study:17", sealed).error().kind, ErrorKind::internal);
}

TEST(Seal, TheSameValueNeverLooksTheSame) {
  const Secret key = random_key();
  EXPECT_NE(seal(key, "c", as_bytes("v")).value(), seal(key, "c", as_bytes("v")).value());
}

struct Stream {
  Secret key = random_key();
  StreamCipher::Prefix prefix = {1, 2, 3, 4, 5, 6, 7};
  [[nodiscard]] StreamCipher cipher(std::string_view associated = "header") const {
    return {key, prefix, Bytes(associated.begin(), associated.end())};
  }
};

TEST(StreamCipherTest, ItsNonceIsPrefixThenBigEndianCounterThenLastFlag) {
  const Stream stream;
  Bytes out;
  auto cipher = stream.cipher();
  ASSERT_TRUE(cipher.seal_chunk(0x01020304, false, as_bytes("chunk"), out).ok());
  Bytes whole = hex("010203040506070102030400");
  whole.insert(whole.end(), out.begin(), out.end());
  EXPECT_EQ(as_text(open(stream.key, "header", whole).value()), "chunk");
  out.clear();
  ASSERT_TRUE(cipher.seal_chunk(0x01020305, true, {}, out).ok());
  whole = hex("010203040506070102030501");
  whole.insert(whole.end(), out.begin(), out.end());
  EXPECT_TRUE(open(stream.key, "header", whole).value().empty());
}

TEST(StreamCipherTest, AppendsAndTakesSealingAndOpeningInTurns) {
  const Stream stream;
  auto cipher = stream.cipher();
  Bytes out = {9};
  Bytes plain = {1, 2, 3};
  for (std::uint32_t counter = 0; counter < 5; ++counter) {
    const std::size_t start = out.size();
    const Bytes chunk(1000 * counter, static_cast<std::uint8_t>(counter));
    ASSERT_TRUE(cipher.seal_chunk(counter, counter == 4, chunk, out).ok());
    ASSERT_EQ(out.size(), start + chunk.size() + kTagBytes);
    ASSERT_TRUE(cipher.open_chunk(counter, counter == 4, ByteView(out).subspan(start), plain).ok());
    EXPECT_EQ(plain, chunk);
  }
  EXPECT_EQ(out[0], 9);
}

TEST(StreamCipherTest, OpensChunksInAnyOrder) {
  const Stream stream;
  std::vector<Bytes> chunks(4);
  auto writer = stream.cipher();
  for (std::uint32_t i = 0; i < 4; ++i) {
    ASSERT_TRUE(
        writer.seal_chunk(i, i == 3, Bytes(10, static_cast<std::uint8_t>(i)), chunks[i]).ok());
  }
  auto reader = stream.cipher();
  Bytes plain;
  for (const std::uint32_t i : {3U, 0U, 2U, 1U, 0U}) {
    ASSERT_TRUE(reader.open_chunk(i, i == 3, chunks[i], plain).ok());
    EXPECT_EQ(plain, Bytes(10, static_cast<std::uint8_t>(i)));
  }
}

TEST(StreamCipherTest, HandsOutNothingThatWasChangedMovedOrCut) {
  const Stream stream;
  Bytes sealed;
  auto cipher = stream.cipher();
  ASSERT_TRUE(cipher.seal_chunk(5, false, as_bytes("sixteen bytes...and more"), sealed).ok());
  const auto stays_shut = [](StreamCipher opener, std::uint32_t counter, bool last,
                             ByteView bytes) {
    Bytes plain = {1, 2, 3};
    const auto outcome = opener.open_chunk(counter, last, bytes, plain);
    return !outcome.ok() && outcome.error().kind == ErrorKind::corrupt && plain.empty();
  };
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    sealed[i] ^= 0x10U;
    EXPECT_TRUE(stays_shut(stream.cipher(), 5, false, sealed)) << i;
    sealed[i] ^= 0x10U;
  }
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_TRUE(stays_shut(stream.cipher(), 5, false, ByteView(sealed).first(length))) << length;
  }
  EXPECT_TRUE(stays_shut(stream.cipher(), 6, false, sealed));
  EXPECT_TRUE(stays_shut(stream.cipher(), 5, true, sealed));
  EXPECT_TRUE(stays_shut(stream.cipher("another header"), 5, false, sealed));
  EXPECT_TRUE(stays_shut(stream.cipher(""), 5, false, sealed));
  const Stream other;
  EXPECT_TRUE(stays_shut(other.cipher(), 5, false, sealed));
  const ByteView key = stream.key.view();
  Stream moved{Secret(Bytes(key.begin(), key.end())), {7, 6, 5, 4, 3, 2, 1}};
  EXPECT_TRUE(stays_shut(moved.cipher(), 5, false, sealed));
}

TEST(StreamCipherTest, AFailedOpeningDoesNotSpoilTheNextOne) {
  const Stream stream;
  Bytes sealed;
  auto cipher = stream.cipher();
  ASSERT_TRUE(cipher.seal_chunk(0, true, as_bytes("value"), sealed).ok());
  Bytes plain;
  EXPECT_FALSE(cipher.open_chunk(1, true, sealed, plain).ok());
  EXPECT_FALSE(cipher.open_chunk(0, true, {}, plain).ok());
  ASSERT_TRUE(cipher.open_chunk(0, true, sealed, plain).ok());
  EXPECT_EQ(as_text(plain), "value");
}

TEST(StreamCipherTest, NeverSealsTwoChunksUnderOneCounter) {
  const Stream stream;
  auto cipher = stream.cipher();
  Bytes out;
  ASSERT_TRUE(cipher.seal_chunk(3, false, as_bytes("a"), out).ok());
  EXPECT_EQ(cipher.seal_chunk(3, true, as_bytes("b"), out).error().kind, ErrorKind::internal);
  EXPECT_FALSE(cipher.seal_chunk(2, false, as_bytes("b"), out).ok());
  EXPECT_TRUE(cipher.seal_chunk(~0U, true, as_bytes("b"), out).ok());
  EXPECT_FALSE(cipher.seal_chunk(~0U, true, as_bytes("b"), out).ok());
}

TEST(Ed25519, MatchesRfc8032) {
  const Secret seed = key_of("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  const Bytes public_key = public_key_ed25519(seed).value();
  EXPECT_EQ(to_hex(public_key), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const Bytes signature = sign_ed25519(seed, {}).value();
  EXPECT_EQ(to_hex(signature),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
  EXPECT_TRUE(verify_ed25519(public_key, {}, signature));
}

TEST(Ed25519, RefusesWhatWasNotSigned) {
  const Secret seed = random_key();
  const Bytes public_key = public_key_ed25519(seed).value();
  Bytes signature = sign_ed25519(seed, as_bytes("length 41")).value();
  EXPECT_TRUE(verify_ed25519(public_key, as_bytes("length 41"), signature));
  EXPECT_FALSE(verify_ed25519(public_key, as_bytes("length 42"), signature));
  EXPECT_FALSE(
      verify_ed25519(public_key_ed25519(random_key()).value(), as_bytes("length 41"), signature));
  EXPECT_FALSE(verify_ed25519(Bytes(31), as_bytes("length 41"), signature));
  EXPECT_FALSE(verify_ed25519(public_key, as_bytes("length 41"), Bytes(63)));
  signature[10] ^= 1U;
  EXPECT_FALSE(verify_ed25519(public_key, as_bytes("length 41"), signature));
  EXPECT_FALSE(sign_ed25519(Secret(Bytes(31)), {}).ok());
}

TEST(Base64, IsThatOfTheStandard) {
  // RFC 4648 10.
  const std::pair<const char*, const char*> kCases[] = {{"", ""},
                                                        {"f", "Zg=="},
                                                        {"fo", "Zm8="},
                                                        {"foo", "Zm9v"},
                                                        {"foob", "Zm9vYg=="},
                                                        {"fooba", "Zm9vYmE="},
                                                        {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : kCases) EXPECT_EQ(base64(as_bytes(plain)), encoded);
}

TEST(SameSecret, ComparesEveryByteAndTheLength) {
  EXPECT_TRUE(is_same_secret(as_bytes("abc"), as_bytes("abc")));
  EXPECT_TRUE(is_same_secret({}, {}));
  for (const char* other : {"abd", "bbc", "ab", "abcd", ""}) {
    EXPECT_FALSE(is_same_secret(as_bytes("abc"), as_bytes(other))) << other;
  }
}

}  // namespace
}  // namespace veilroute::crypto
