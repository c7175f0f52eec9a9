#include "core/dicom/tls.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <fstream>
#include <thread>

#include "tests/support/certificates.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace veilroute::dicom {
namespace {

using std::chrono::seconds;

/// Certificates are slow to make: one set for all tests of this file.
struct Certificates {
  TemporaryFolder folder;
  test::Authority ours{folder.path(), "ours"};
  test::Authority theirs{folder.path(), "theirs"};
  test::Identity node = ours.issue("node");
  test::Identity partner = ours.issue("partner");
  test::Identity stranger = theirs.issue("stranger");
  test::Identity expired = ours.issue("expired", {.days = -1});
  test::Identity elsewhere = ours.issue("elsewhere", {.names = {"DNS:pacs.example", "IP:192.0.2.1"}});
  test::Identity weak = ours.issue("weak", {.key_bits = 1024});
};

const Certificates& certificates() {
  static const Certificates made;
  return made;
}

TlsFiles files_of(const test::Identity& identity, const test::Authority& trusted) {
  return {identity.cert, identity.key, trusted.ca()};
}

struct Meeting {
  Result<void> listener;
  Result<void> sender;  ///< handshake and the first byte from the listener
  TlsFacts listener_facts;
  TlsFacts sender_facts;
};

/// A handshake between two contexts over loopback, and one byte from the listener's side, since in
/// TLS 1.3 a sender learns only then that its certificate was not accepted.
Meeting meet(TlsContext& listener, TlsContext& sender, const std::string& host,
             const std::string& pin = {}) {
  const Interrupt never;
  const auto deadline = after(seconds(10));
  Descriptor door = listen_on("127.0.0.1", 0).value();
  Meeting out;
  std::jthread answering([&] {
    int fd = -1;
    while (fd < 0) fd = ::accept4(door.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    Transport transport(listener.accept(Descriptor(fd)).value(), never);
    out.listener = transport.handshake(deadline);
    if (out.listener.ok()) {
      out.listener_facts = transport.tls();
      const std::uint8_t byte = 42;
      out.listener = transport.write_all(ByteView(&byte, 1), deadline);
    }
    transport.close(std::chrono::milliseconds(500));
  });
  Descriptor socket = connect_to("127.0.0.1", port_of(door.get()), deadline, never).value();
  Transport transport(sender.connect(std::move(socket), host, pin).value(), never);
  out.sender = transport.handshake(deadline);
  if (out.sender.ok()) {
    out.sender_facts = transport.tls();
    std::array<std::uint8_t, 1> byte{};
    out.sender = transport.read_exactly(byte, deadline);
  }
  transport.close(std::chrono::milliseconds(500));
  return out;
}

std::unique_ptr<TlsContext> context(TlsContext::Side side, const test::Identity& identity,
                                    const test::Authority& trusted) {
  return TlsContext::open(side, files_of(identity, trusted)).value();
}

std::string slug(const Result<void>& result) { return result.ok() ? "" : result.error().slug; }

constexpr auto kListener = TlsContext::Side::listener;
constexpr auto kSender = TlsContext::Side::sender;

TEST(Tls, SaysWhyItDoesNotTrustTheListener) {
  const Certificates& all = certificates();
  struct Case {
    const char* what;
    const test::Identity& shown;
    const char* host;
    std::string pin;
    const char* slug;
  };
  const Case cases[] = {
      {"another authority", all.stranger, "localhost", "", "tls.unknown-ca"},
      {"expired", all.expired, "localhost", "", "tls.certificate-expired"},
      {"another host name", all.elsewhere, "localhost", "", "tls.wrong-host"},
      {"another address", all.elsewhere, "127.0.0.1", "", "tls.wrong-host"},
      {"another pin", all.node, "localhost", all.partner.sha256, "tls.wrong-pin"},
      {"no host to check", all.node, "nobody.example", "", "tls.wrong-host"},
  };
  const auto sender = context(kSender, all.partner, all.ours);
  for (const Case& one : cases) {
    const auto listener = context(kListener, one.shown, all.ours);
    EXPECT_EQ(slug(meet(*listener, *sender, one.host, one.pin).sender), one.slug) << one.what;
  }
}

TEST(Tls, AListenerInsistsOnACertificateOfItsAuthority) {
  const Certificates& all = certificates();
  const auto listener = context(kListener, all.node, all.ours);
  const auto stranger = context(kSender, all.stranger, all.ours);
  const Meeting refused = meet(*listener, *stranger, "localhost");
  EXPECT_EQ(slug(refused.listener), "tls.unknown-ca");
  EXPECT_EQ(slug(refused.sender), "tls.peer-rejects-us");
  const auto expired = context(kSender, all.expired, all.ours);
  EXPECT_EQ(slug(meet(*listener, *expired, "localhost").listener), "tls.certificate-expired");
}

TEST(Tls, MeetsAndKnowsWhoIsThere) {
  const Certificates& all = certificates();
  const auto listener = context(kListener, all.node, all.ours);
  const auto sender = context(kSender, all.partner, all.ours);
  for (const char* host : {"localhost", "127.0.0.1", "::1"}) {
    const Meeting met = meet(*listener, *sender, host, all.node.sha256);
    ASSERT_TRUE(met.sender.ok()) << host << " " << met.sender.error().text();
    ASSERT_TRUE(met.listener.ok()) << met.listener.error().text();
    EXPECT_EQ(met.sender_facts.suite, "TLSv1.3 TLS_AES_256_GCM_SHA384");
    EXPECT_EQ(met.sender_facts.peer_sha256, all.node.sha256);
    EXPECT_EQ(met.listener_facts.peer_sha256, all.partner.sha256);
  }
}

TEST(Tls, TakesPinsAsToolsPrintThem) {
  const Certificates& all = certificates();
  const auto listener = context(kListener, all.node, all.ours);
  const auto sender = context(kSender, all.partner, all.ours);
  std::string pin;
  for (std::size_t i = 0; i < all.node.sha256.size(); ++i) {
    if (i != 0 && i % 2 == 0) pin.push_back(':');
    pin.push_back(static_cast<char>(std::toupper(all.node.sha256[i])));
  }
  EXPECT_TRUE(meet(*listener, *sender, "localhost", pin).sender.ok());
}

TEST(Tls, SaysAtStartWhatIsWrongWithTheFiles) {
  const Certificates& all = certificates();
  const auto nowhere = all.folder.path() / "nowhere.pem";
  const auto garbage = all.folder.write("garbage.pem", "no certificate");
  const auto opened = [](const TlsFiles& files) {
    const auto made = TlsContext::open(kListener, files);
    return made.ok() ? std::string() : made.error().slug;
  };
  EXPECT_EQ(opened({nowhere, all.node.key, all.ours.ca()}), "tls.file-unreadable");
  EXPECT_EQ(opened({all.node.cert, nowhere, all.ours.ca()}), "tls.file-unreadable");
  EXPECT_EQ(opened({all.node.cert, all.node.key, nowhere}), "tls.file-unreadable");
  EXPECT_EQ(opened({all.node.cert, all.node.key, garbage}), "tls.file-unreadable");
  EXPECT_EQ(opened({garbage, all.node.key, all.ours.ca()}), "tls.file-unreadable");
  EXPECT_EQ(opened({all.node.cert, all.partner.key, all.ours.ca()}), "tls.key-mismatch");
  EXPECT_EQ(opened(files_of(all.weak, all.ours)), "tls.key-too-weak");
  EXPECT_EQ(opened(files_of(all.node, all.ours)), "");
}

TEST(Tls, UsesNewCertificatesForTheNextConnection) {
  const Certificates& all = certificates();
  const TemporaryFolder folder;
  const TlsFiles files{folder.path() / "node.crt", folder.path() / "node.key",
                       folder.path() / "ca.crt"};
  const auto put = [](const std::filesystem::path& from, const std::filesystem::path& to) {
    const auto fresh = to.string() + ".new";
    std::filesystem::copy_file(from, fresh);
    std::filesystem::rename(fresh, to);
  };
  put(all.node.cert, files.cert);
  put(all.node.key, files.key);
  put(all.ours.ca(), files.ca);
  const auto listener = TlsContext::open(kListener, files).value();
  const auto sender = context(kSender, all.partner, all.ours);
  EXPECT_EQ(meet(*listener, *sender, "localhost").sender_facts.peer_sha256, all.node.sha256);
  put(all.partner.cert, files.cert);
  put(all.partner.key, files.key);
  EXPECT_EQ(meet(*listener, *sender, "localhost").sender_facts.peer_sha256, all.partner.sha256);
  // An authority that is trusted no longer: the very next connection is refused.
  put(all.theirs.ca(), files.ca);
  EXPECT_EQ(slug(meet(*listener, *sender, "localhost").listener), "tls.unknown-ca");
  // What cannot be read is not replaced by what was there before.
  std::filesystem::remove(files.ca);
  Descriptor unused;
  EXPECT_EQ(listener->accept(std::move(unused)).error().slug, "tls.file-unreadable");
}

/// What OpenSSL's own client makes of our listener, with further arguments.
struct ClientRun {
  int exit_code = 0;
  std::string output;
  std::string listener_slug;
};
ClientRun run_client(const std::vector<std::string>& arguments) {
  const Certificates& all = certificates();
  const Interrupt never;
  const auto listener = context(kListener, all.node, all.ours);
  Descriptor door = listen_on("127.0.0.1", 0).value();
  ClientRun out;
  std::jthread answering([&] {
    int fd = -1;
    while (fd < 0) fd = ::accept4(door.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    Transport transport(listener->accept(Descriptor(fd)).value(), never);
    out.listener_slug = slug(transport.handshake(after(seconds(10))));
    transport.close(std::chrono::milliseconds(500));
  });
  std::vector<std::string> command{"openssl", "s_client", "-connect",
                                   "127.0.0.1:" + std::to_string(port_of(door.get())), "-CAfile",
                                   all.ours.ca().string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const test::Finished finished = test::run(command, seconds(15));
  out.exit_code = finished.exit_code;
  out.output = finished.output;
  return out;
}

TEST(Tls, RefusesOldVersionsSuitesWithoutForwardSecrecyAndPlainText) {
  const Certificates& all = certificates();
  const std::vector<std::string> identity{"-cert", all.partner.cert.string(), "-key",
                                          all.partner.key.string()};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), identity.begin(), identity.end());
    return run_client(more);
  };
  EXPECT_EQ(with({"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"}).listener_slug, "tls.no-common-version");
  EXPECT_EQ(with({"-tls1_2", "-cipher", "AES128-GCM-SHA256"}).listener_slug,
            "tls.no-common-version");
  EXPECT_EQ(with({"-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA"}).listener_slug,
            "tls.no-common-version");
  EXPECT_EQ(run_client({}).listener_slug, "tls.certificate-missing");
  const ClientRun older = with({"-tls1_2"});
  EXPECT_EQ(older.listener_slug, "");
  EXPECT_NE(older.output.find("Secure Renegotiation IS supported"), std::string::npos);
  EXPECT_NE(older.output.find("Compression: NONE"), std::string::npos);
}

}  // namespace
}  // namespace veilroute::dicom
