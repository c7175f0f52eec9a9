#include "tests/support/http_server.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace veilroute::test {
namespace {

constexpr std::size_t kPiece = 64U << 10U;

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

SSL_CTX* context_of(const HttpScript& script) {
  if (script.cert.empty()) return nullptr;
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  EXPECT_EQ(SSL_CTX_use_certificate_chain_file(context, script.cert.c_str()), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context, script.key.c_str(), SSL_FILETYPE_PEM), 1);
  if (!script.client_ca.empty()) {
    EXPECT_EQ(SSL_CTX_load_verify_locations(context, script.client_ca.c_str(), nullptr), 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

}  // namespace

/// Bytes of one connection, plain or TLS; blocking.
class HttpServer::Connection {
 public:
  Connection(int fd, SSL_CTX* context) : fd_(fd) {
    if (context == nullptr) return;
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, fd);
    ready_ = SSL_accept(ssl_) == 1;
  }
  ~Connection() {
    if (ssl_ != nullptr && ready_) SSL_shutdown(ssl_);
    SSL_free(ssl_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  [[nodiscard]] bool ready() const { return ready_; }

  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto size = static_cast<int>(std::min<std::size_t>(bytes.size(), 1U << 20U));
      const ssize_t count =
          ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), size)
                          : ::send(fd_, bytes.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  /// More bytes into the buffer; false at the end.
  bool fill() {
    std::array<char, kPiece> piece{};
    const ssize_t count = ssl_ != nullptr ? SSL_read(ssl_, piece.data(), static_cast<int>(kPiece))
                                          : ::recv(fd_, piece.data(), kPiece, 0);
    if (count <= 0) return false;
    buffer.append(piece.data(), static_cast<std::size_t>(count));
    return true;
  }

  std::string buffer;

 private:
  int fd_;
  SSL* ssl_ = nullptr;
  bool ready_ = true;
};

namespace {

/// The head out of the buffer, once it is whole.
bool take_head(std::string& buffer, HttpRequest& request) {
  const std::size_t end = buffer.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  std::size_t line = buffer.find("\r\n");
  const std::string first = buffer.substr(0, line);
  const std::size_t space = first.find(' ');
  request.method = first.substr(0, space);
  request.target = first.substr(space + 1, first.rfind(' ') - space - 1);
  while (line < end) {
    const std::size_t next = buffer.find("\r\n", line + 2);
    const std::string text = buffer.substr(line + 2, next - line - 2);
    const std::size_t colon = text.find(':');
    request.headers[lower_case(text.substr(0, colon))] =
        text.substr(std::min(text.find_first_not_of(' ', colon + 1), text.size()));
    line = next;
  }
  buffer.erase(0, end + 4);
  return true;
}

std::string head_of(const HttpReply& reply) {
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) +
                     " As Told\r\nContent-Length: " + std::to_string(reply.body.size()) + "\r\n";
  for (const std::string& line : reply.headers) head += line + "\r\n";
  return head + (reply.closes ? "Connection: close\r\n\r\n" : "\r\n");
}

}  // namespace

HttpServer::HttpServer(HttpScript script)
    : script_(std::move(script)), context_(context_of(script_)) {
  socket_ = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(socket_.get(), name, size), 0);
  EXPECT_EQ(::listen(socket_.get(), 16), 0);
  EXPECT_EQ(::getsockname(socket_.get(), name, &size), 0);
  port_ = ntohs(address.sin_port);
  listening_ = std::jthread([this] { listen(); });
}

HttpServer::~HttpServer() {
  stopping_ = true;
  ::shutdown(socket_.get(), SHUT_RDWR);
  if (listening_.joinable()) listening_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  threads_.clear();
  SSL_CTX_free(context_);
}

std::string HttpServer::url() const {
  return (context_ != nullptr ? "https://localhost:" : "http://localhost:") + std::to_string(port_);
}

std::vector<HttpRequest> HttpServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void HttpServer::listen() {
  while (!stopping_) {
    const int fd = ::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    {
      const std::lock_guard lock(mutex_);
      open_.insert(fd);
    }
    const std::size_t number = connections_++;
    threads_.emplace_back([this, fd, number] { serve(fd, number); });
  }
}

void HttpServer::serve(int fd, std::size_t number) {
  {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  }
  {
    Connection connection(fd, context_);
    while (connection.ready() && !stopping_ && exchange(connection, number)) {
    }
  }
  const std::lock_guard lock(mutex_);
  open_.erase(fd);
  ::close(fd);
}

/// False when the connection ends.
bool HttpServer::exchange(Connection& connection, std::size_t number) {
  using Fault = HttpReply::Fault;
  HttpRequest request;
  request.connection = number;
  while (!take_head(connection.buffer, request)) {
    if (!connection.fill()) return false;
    // A TLS hello, as a web server answers it.
    const bool hello = context_ == nullptr && connection.buffer.starts_with('\x16');
    if (hello) return connection.write("HTTP/1.1 400 Bad Request\r\n\r\n"), false;
  }
  const bool early = script_.early && script_.early(request);
  std::size_t left = request.headers.contains("content-length")
                         ? std::stoull(request.headers["content-length"])
                         : 0;
  while (!early && left > 0) {
    if (connection.buffer.empty() && !connection.fill()) return false;
    const std::size_t count = std::min(left, connection.buffer.size());
    if (script_.sink) script_.sink(std::string_view(connection.buffer).substr(0, count));
    if (!script_.sink) request.body += connection.buffer.substr(0, count);
    connection.buffer.erase(0, count);
    left -= count;
  }
  {
    const std::lock_guard lock(mutex_);
    request.index = requests_.size();
    requests_.push_back(request);
  }
  const HttpReply reply = script_.answer(request);
  if (reply.fault == Fault::drop) return false;
  if (reply.fault == Fault::garbage) return connection.write("220 mail.example ESMTP\r\n"), false;
  while (reply.fault == Fault::silent) {
    if (!connection.fill()) return false;
  }
  if (!connection.write(head_of(reply))) return false;
  if (reply.fault == Fault::cut) {
    return connection.write(reply.body.substr(0, reply.body.size() / 2)), false;
  }
  for (std::size_t i = 0; reply.fault == Fault::trickle && i < reply.body.size() && !stopping_;
       ++i) {
    if (!connection.write(reply.body.substr(i, 1))) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  if (reply.fault != Fault::trickle && !connection.write(reply.body)) return false;
  // Closing with unread bytes would reset the connection and lose the answer.
  while (early && reply.closes && connection.fill()) connection.buffer.clear();
  return !early && !reply.closes && script_.keeps_open_unseen;
}

std::vector<HttpPart> parts_of(const HttpRequest& request) {
  constexpr std::string_view kMark = "boundary=";
  const auto type = request.headers.find("content-type");
  if (type == request.headers.end()) return {};
  const std::size_t mark = type->second.find(kMark);
  if (mark == std::string::npos) return {};
  const std::string boundary = "--" + type->second.substr(mark + kMark.size());
  const std::string& body = request.body;
  if (!body.starts_with(boundary + "\r\n")) return {};
  std::vector<HttpPart> parts;
  std::size_t at = boundary.size();
  while (body.substr(at, 2) == "\r\n") {
    const std::size_t head_end = body.find("\r\n\r\n", at);
    const std::size_t next = body.find("\r\n" + boundary, head_end);
    if (head_end == std::string::npos || next == std::string::npos) return {};
    parts.push_back(
        {body.substr(at + 2, head_end - at - 2), body.substr(head_end + 4, next - head_end - 4)});
    at = next + 2 + boundary.size();
  }
  return body.substr(at) == "--\r\n" ? parts : std::vector<HttpPart>();
}

}  // namespace veilroute::test
