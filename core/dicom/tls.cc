// OpenSSL, for connections; its twin for everything else is core/base/crypto.cc.
#include "core/dicom/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

#include "core/dicom/certificate_facts.h"
#include "core/dicom/tls_errors.h"
#include "core/dicom/tls_rules.h"

namespace veilroute::dicom {
namespace {

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL, and a peer that left would end the process.

int bio_write(BIO* bio, const char* data, int size) {
  const int fd = static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::send(fd, data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

int bio_read(BIO* bio, char* data, int size) {
  const int fd = static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::recv(fd, data, static_cast<std::size_t>(size), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(count);
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "quiet socket");
    if (!made) die("no memory for a BIO method");
    BIO_meth_set_write(made, &bio_write);
    BIO_meth_set_read(made, &bio_read);
    BIO_meth_set_ctrl(made, &bio_control);
    return made;
  }();
  return method;
}

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslPtr = std::unique_ptr<SSL, FreeSsl>;

class TlsChannel final : public Channel {
 public:
  TlsChannel(Descriptor socket, SslPtr ssl, std::string pin)
      : Channel(std::move(socket)), ssl_(std::move(ssl)), pin_(std::move(pin)) {}

  Result<Want> handshake() override {
    if (done_) return Want::nothing;
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) {
      VR_TRY(note_peer());
      done_ = true;
      return Want::nothing;
    }
    VR_TRY(const Progress progress, not_done(result));
    if (progress.want == Want::nothing)
      return lost_peer();  // closed in the middle of the handshake
    return progress.want;
  }

  Result<Progress> read(std::span<std::uint8_t> out) override {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl_.get(), out.data(), out.size(), &count);
    if (result == 1) return Progress{count, Want::nothing};
    return not_done(result);
  }

  Result<Progress> write(ByteView bytes) override {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
    if (result == 1) return Progress{count, Want::nothing};
    VR_TRY(const Progress progress, not_done(result));
    if (progress.want == Want::nothing) return lost_peer();
    return progress;
  }

  void finish_writing() override {
    ERR_clear_error();
    if (done_ && !broken_) SSL_shutdown(ssl_.get());
    ERR_clear_error();
    ::shutdown(fd(), SHUT_WR);
  }

 private:
  /// What a step that gave nothing means.
  Result<Progress> not_done(int result) {
    const int saved_errno = errno;
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ: return Progress{0, Want::read};
      case SSL_ERROR_WANT_WRITE: return Progress{0, Want::write};
      case SSL_ERROR_ZERO_RETURN: return Progress{};
      case SSL_ERROR_SYSCALL:
        broken_ = true;
        if (saved_errno == 0) return Progress{};
        return lost_peer();
      default: break;
    }
    broken_ = true;
    // Many peers leave without close_notify. A release or an abort says at the level above whether
    // everything arrived, so this is the same as a closed connection.
    if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
      ERR_clear_error();
      return Progress{};
    }
    return describe_tls(ssl_.get());
  }

  Result<void> note_peer() {
    facts_.suite = std::string(SSL_get_version(ssl_.get())) + " " + SSL_get_cipher(ssl_.get());
    X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
    if (!certificate) {
      return make_error(ErrorKind::refused, "tls.certificate-missing",
                        "the peer showed no certificate");
    }
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) {
      return make_error(ErrorKind::internal, "tls.handshake-failed", "no digest of a certificate");
    }
    facts_.peer_sha256 = to_hex(ByteView(digest.data(), size));
    if (SSL_is_server(ssl_.get()) == 0) facts_.chain = verified_chain_of(ssl_.get());
    if (!pin_.empty() && pin_ != facts_.peer_sha256) {
      broken_ = true;
      return make_error(ErrorKind::unavailable, "tls.wrong-pin",
                        "the peer's certificate is not the pinned one");
    }
    return {};
  }

  SslPtr ssl_;
  std::string pin_;
  bool done_ = false;
  bool broken_ = false;
};

/// SSL_set_tlsext_host_name, whose macro casts in the old style.
bool set_server_name(SSL* ssl, const std::string& host) {
  std::string name = host;
  return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
}

/// What tells that a file was changed or replaced.
using FileMark = std::array<std::int64_t, 4>;
FileMark mark_of(const std::filesystem::path& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return {};
  return {static_cast<std::int64_t>(facts.st_ino), facts.st_size, facts.st_mtim.tv_sec,
          facts.st_mtim.tv_nsec};
}

int no_password(char*, int, int, void*) { return 0; }  // else OpenSSL asks at the terminal

Error unreadable(const char* what, const std::filesystem::path& path) {
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  ERR_clear_error();
  if (reason == SSL_R_EE_KEY_TOO_SMALL || reason == SSL_R_CA_KEY_TOO_SMALL ||
      reason == SSL_R_CA_MD_TOO_WEAK) {
    return make_error(ErrorKind::invalid, "tls.key-too-weak",
                      path.string() + ": the " + what + " is too weak (RSA needs 2048 bits)");
  }
  return make_error(ErrorKind::invalid, "tls.file-unreadable",
                    path.string() + ": no usable " + what + " in PEM form");
}

}  // namespace

struct TlsContext::Loaded {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{nullptr, &SSL_CTX_free};
  std::array<FileMark, 3> marks{};

  Result<void> load(Side side, const TlsFiles& files);
  Result<void> set_rules(Side side);
  Result<SslPtr> make(int fd, Side side) const;
};

Result<void> TlsContext::Loaded::set_rules(Side side) {
  SSL_CTX* const ctx = context.get();
  SSL_CTX_set_security_level(ctx, kTlsSecurityLevel);
  SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                               SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
  // Else one read goes on for as long as a peer sends nothing but key updates, past every deadline.
  SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(ctx, 0);
  SSL_CTX_set_default_passwd_cb(ctx, &no_password);
  SSL_CTX_set_verify_depth(ctx, kDeepestTlsChain);
  const bool listens = side == Side::listener;
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | (listens ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     nullptr);
  constexpr std::array<std::uint8_t, 9> kName{'v', 'e', 'i', 'l', 'r', 'o', 'u', 't', 'e'};
  const bool ok = SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
                  SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1 &&
                  SSL_CTX_set_cipher_list(ctx, kTls12Suites) == 1 &&
                  SSL_CTX_set_ciphersuites(ctx, kTls13Suites) == 1 &&
                  SSL_CTX_set_session_id_context(ctx, kName.data(), kName.size()) == 1;
  if (ok) return {};
  return make_error(ErrorKind::internal, "tls.handshake-failed", "OpenSSL refuses our settings");
}

Result<void> TlsContext::Loaded::load(Side side, const TlsFiles& files) {
  ERR_clear_error();
  marks = {mark_of(files.cert), mark_of(files.key), mark_of(files.ca)};
  context.reset(SSL_CTX_new(TLS_method()));
  if (!context) {
    return make_error(ErrorKind::internal, "tls.handshake-failed", "no memory for TLS");
  }
  VR_TRY(set_rules(side));
  SSL_CTX* const ctx = context.get();
  if (SSL_CTX_load_verify_locations(ctx, files.ca.c_str(), nullptr) != 1) {
    return unreadable("CA certificate", files.ca);
  }
  if (side == Side::sender && files.cert.empty() && files.key.empty()) return {};
  if (SSL_CTX_use_certificate_chain_file(ctx, files.cert.c_str()) != 1) {
    return unreadable("certificate", files.cert);
  }
  if (SSL_CTX_use_PrivateKey_file(ctx, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    if (ERR_GET_REASON(ERR_peek_last_error()) != X509_R_KEY_VALUES_MISMATCH) {
      return unreadable("private key without a password", files.key);
    }
  }
  if (SSL_CTX_check_private_key(ctx) != 1) {
    ERR_clear_error();
    return make_error(ErrorKind::invalid, "tls.key-mismatch",
                      files.key.string() + " is not the key of " + files.cert.string());
  }
  if (side == Side::listener) {
    SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(files.ca.c_str()));
  }
  ERR_clear_error();
  return {};
}

Result<SslPtr> TlsContext::Loaded::make(int fd, Side side) const {
  ERR_clear_error();
  SslPtr ssl(SSL_new(context.get()));
  BIO* const bio = ssl ? BIO_new(socket_method()) : nullptr;
  if (!bio) return make_error(ErrorKind::exhausted, "tls.handshake-failed", "no memory for TLS");
  // No address: the descriptor itself is all the data there is. NOLINTNEXTLINE(performance-no-int-to-ptr)
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);  // owns it now
  if (side == Side::listener) {
    SSL_set_accept_state(ssl.get());
  } else {
    SSL_set_connect_state(ssl.get());
  }
  return ssl;
}

std::string normal_pin(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == ' ') continue;
    out.push_back(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

TlsContext::~TlsContext() = default;

Result<std::unique_ptr<TlsContext>> TlsContext::open(Side side, TlsFiles files) {
  std::unique_ptr<TlsContext> made(new TlsContext(side, std::move(files)));
  VR_TRY(made->current());
  return made;
}

Result<std::shared_ptr<TlsContext::Loaded>> TlsContext::current() {
  const std::array<FileMark, 3> now{mark_of(files_.cert), mark_of(files_.key), mark_of(files_.ca)};
  const Lock lock(mutex_);
  if (loaded_ && loaded_->marks == now) return loaded_;
  // Fail closed: what the operator replaced (a CA that is no longer trusted) must not live on.
  loaded_.reset();
  auto fresh = std::make_shared<Loaded>();
  VR_TRY(fresh->load(side_, files_));
  loaded_ = fresh;
  return fresh;
}

Result<std::unique_ptr<Channel>> TlsContext::accept(Descriptor socket) {
  VR_TRY(const std::shared_ptr<Loaded> loaded, current());
  VR_TRY(SslPtr ssl, loaded->make(socket.get(), side_));
  return std::unique_ptr<Channel>(
      std::make_unique<TlsChannel>(std::move(socket), std::move(ssl), std::string()));
}

Result<std::unique_ptr<Channel>> TlsContext::connect(Descriptor socket, const std::string& host,
                                                     const std::string& pin_sha256) {
  VR_TRY(const std::shared_ptr<Loaded> loaded, current());
  VR_TRY(SslPtr ssl, loaded->make(socket.get(), side_));
  std::array<std::uint8_t, 16> address{};
  const bool literal = ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
                       ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
  X509_VERIFY_PARAM* const rules = SSL_get0_param(ssl.get());
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool set =
      literal ? X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1
              : !host.empty() && set_server_name(ssl.get(), host) &&
                    SSL_set1_host(ssl.get(), host.c_str()) == 1;
  if (!set) {
    ERR_clear_error();
    return make_error(ErrorKind::invalid, "tls.wrong-host", "the host name cannot be checked");
  }
  return std::unique_ptr<Channel>(std::make_unique<TlsChannel>(
      std::move(socket), std::move(ssl), normal_pin(pin_sha256)));
}

}  // namespace veilroute::dicom
