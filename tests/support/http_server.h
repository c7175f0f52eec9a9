// HttpServer: an HTTPS server that does as it is told: any status, answers that break off or
// trickle, connections that close early. On OpenSSL alone, so that it shares nothing with what is
// tested.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/base/descriptor.h"

struct ssl_ctx_st;

namespace veilroute::test {

struct HttpRequest {
  std::size_t index = 0;  ///< of the server's requests, from 0
  std::size_t connection = 0;
  std::string method, target;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;                            ///< empty where the script has a sink
};

struct HttpReply {
  enum class Fault : std::uint8_t {
    none,
    cut,      ///< half of the body, then the end
    drop,     ///< the end instead of an answer
    trickle,  ///< one byte each 50 ms
    silent,   ///< nothing, until the client goes
    garbage,  ///< something that is not HTTP
  };
  int status = 200;
  std::string body{};
  std::vector<std::string> headers{};  ///< "Retry-After: 5"
  Fault fault = Fault::none;
  bool closes = false;  ///< the connection, after the answer
};

struct HttpScript {
  std::filesystem::path cert, key;  ///< empty: plain HTTP
  std::filesystem::path client_ca;  ///< set: a client certificate of this CA is demanded
  std::function<HttpReply(const HttpRequest&)> answer;
  /// True: answered without reading the body, and the connection is closed.
  std::function<bool(const HttpRequest&)> early;
  std::function<void(std::string_view)> sink;  ///< takes the bodies' bytes
  bool keeps_open_unseen = true;  ///< false: closes each connection without a word after its answer
};

/// Listens on 127.0.0.1; one thread for each connection. Any thread.
class HttpServer {
 public:
  explicit HttpServer(HttpScript script);
  ~HttpServer();
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// "https://localhost:PORT", or http.
  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::vector<HttpRequest> requests() const;
  [[nodiscard]] std::size_t connections() const { return connections_; }

 private:
  class Connection;
  void listen();
  void serve(int fd, std::size_t number);
  bool exchange(Connection& connection, std::size_t number);

  HttpScript script_;
  ssl_ctx_st* context_ = nullptr;
  Descriptor socket_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> connections_{0};
  mutable std::mutex mutex_;
  std::vector<HttpRequest> requests_;
  std::set<int> open_;
  std::vector<std::jthread> threads_;
  std::jthread listening_;
};

/// One part of a multipart/related body.
struct HttpPart {
  std::string content_type;
  std::string content;
};
/// Empty unless the body is whole, its closing delimiter included.
std::vector<HttpPart> parts_of(const HttpRequest& request);

}  // namespace veilroute::test
