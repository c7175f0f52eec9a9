// HttpsClient: one request after another to one HTTPS server, over a connection that stays open.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/dicom/transport.h"

namespace veilroute::router {

/// The longest answer that is read; a longer one is an error.
inline constexpr std::size_t kLongestAnswer = 1U << 20U;

/// What is sent as a request's body, of a length known beforehand. One thread.
class RequestBody {
 public:
  virtual ~RequestBody() = default;
  [[nodiscard]] virtual std::uint64_t size_bytes() const = 0;
  /// The next bytes; fewer than `out` holds only at the end.
  virtual Result<std::size_t> read(std::span<std::uint8_t> out) = 0;
  /// Begins again: a kept connection was found to be closed, or a new token goes with it.
  virtual Result<void> rewind() = 0;
};

/// A small body in memory, which is wiped when destroyed.
class SecretBody final : public RequestBody {
 public:
  explicit SecretBody(Secret bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] std::uint64_t size_bytes() const override { return bytes_.view().size(); }
  Result<std::size_t> read(std::span<std::uint8_t> out) override;
  Result<void> rewind() override;

 private:
  Secret bytes_;
  std::size_t at_ = 0;
};

/// Whom to call, and who vouches for it.
struct HttpsPeer {
  std::string url;                  ///< "https://host:port/path"; "http://" to this machine alone
  std::filesystem::path ca;         ///< PEM; never the system's
  std::filesystem::path cert, key;  ///< ours, PEM; empty: none is shown
  std::filesystem::path crl;        ///< PEM; empty: none is asked
  std::string pin_sha256;           ///< of the server's certificate; empty: any that `ca` signed
  std::chrono::milliseconds connect_timeout{15000};  ///< TLS included
  std::chrono::milliseconds answer_timeout{60000};   ///< from the last byte of the request
};

struct HttpsRequest {
  std::string path;                       ///< after the peer's URL, its query included: "/studies"
  std::vector<std::string> headers;       ///< "Accept: application/dicom+json"
  const Secret* authorization = nullptr;  ///< "Bearer ..."; null: none
  RequestBody* body = nullptr;            ///< POST; null: GET
};

struct HttpsAnswer {
  long status = 0;
  std::string body;
  bool whole = true;         ///< false: it broke off; only of answers that say no (400 and above)
  bool all_was_sent = true;  ///< false: the answer came before the request's end
  std::chrono::milliseconds reached{};  ///< until the request could leave; 0: on a kept connection
  std::optional<std::chrono::seconds> retry_after;  ///< Retry-After, as seconds or as a date
};

/// Follows no redirects, uses no proxy, keeps no cookies, takes no compressed answer. Files are
/// read anew for each connection. Errors: network.* and tls.* as in core/dicom/transport.h and
/// tls.h (network.closed also for an answer that broke off), http.malformed, http.answer-too-long,
/// http.failed, and those of the body. No error holds a URL, a header or a body. One thread.
class HttpsClient {
 public:
  /// `refused` "sender.tls-required" for plain HTTP to another machine; tls.file-unreadable,
  /// tls.key-mismatch, tls.key-too-weak.
  static Result<std::unique_ptr<HttpsClient>> open(HttpsPeer peer);
  ~HttpsClient();
  HttpsClient(const HttpsClient&) = delete;
  HttpsClient& operator=(const HttpsClient&) = delete;

  /// One exchange. `stop` ends it within a second: network.stopped.
  Result<HttpsAnswer> request(const HttpsRequest& request, const std::stop_token& stop);

  /// Of the connection that the last exchange used; empty where it found none.
  [[nodiscard]] const dicom::TlsFacts& tls() const;

 private:
  struct State;
  explicit HttpsClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace veilroute::router
