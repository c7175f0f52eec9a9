#include "app/watch/monitor.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/ThreadPool.h>

#include "app/watch/secret_line.h"
#include "core/base/crypto.h"

namespace veilroute::app {
namespace {

namespace net = Poco::Net;

constexpr int kThreads = 4;
constexpr int kMostWaiting = 16;
constexpr int kPatienceSeconds = 5;

class Handler final : public net::HTTPRequestHandler {
 public:
  Handler(const Monitor::GetPage& page, const std::string& token) : page_(page), token_(token) {}

  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    // Nothing of a body is read: the connection ends with the answer, or it would be the next
    // request.
    response.setKeepAlive(false);
    const MonitorPage page = safe_answer(request);
    response.setStatus(static_cast<net::HTTPResponse::HTTPStatus>(page.status));
    if (page.status == 401) response.set("WWW-Authenticate", "Bearer");
    if (page.status == 405) response.set("Allow", "GET, HEAD");
    response.setContentType(page.type);
    response.setContentLength64(static_cast<Poco::Int64>(page.body.size()));
    response.set("Cache-Control", "no-store");
    std::ostream& out = response.send();
    if (request.getMethod() != net::HTTPRequest::HTTP_HEAD) out << page.body;
  }

 private:
  MonitorPage safe_answer(const net::HTTPServerRequest& request) const {
    try {
      return answer(request);
    } catch (const std::exception&) {
      return {500, "text/plain; charset=utf-8", "this page cannot be made\n"};
    }
  }
  bool is_shown(const std::string& authorization) const {
    return crypto::is_same_secret(as_bytes(authorization), as_bytes("Bearer " + token_));
  }
  MonitorPage answer(const net::HTTPServerRequest& request) const {
    const auto plain = [](int status, const char* words) {
      return MonitorPage{status, "text/plain; charset=utf-8", words};
    };
    if (!token_.empty() && !is_shown(request.get("Authorization", ""))) {
      return plain(401, "the token is missing or another\n");
    }
    const std::string& method = request.getMethod();
    if (method != net::HTTPRequest::HTTP_GET && method != net::HTTPRequest::HTTP_HEAD) {
      return plain(405, "GET and HEAD alone\n");
    }
    MonitorPage page = page_(request.getURI());
    return page.type.empty() ? plain(404, "there are /healthz and /metrics\n") : page;
  }

  const Monitor::GetPage& page_;
  const std::string& token_;
};

class HandlerFactory final : public net::HTTPRequestHandlerFactory {
 public:
  HandlerFactory(Monitor::GetPage page, std::string token)
      : page_(std::move(page)), token_(std::move(token)) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
    return std::make_unique<Handler>(page_, token_).release();  // Poco deletes it
  }

 private:
  Monitor::GetPage page_;
  std::string token_;
};

/// Nobody else may listen there as well, whatever Poco thinks of sharing ports.
void listen_alone(net::ServerSocket& socket, const net::SocketAddress& address) {
  constexpr bool kReuseAddress = true, kReusePort = false;
  socket.bind(address, kReuseAddress, kReusePort);
  socket.listen(kMostWaiting);
}

Result<net::ServerSocket> open_socket(const config::MonitorSettings& settings) {
  try {
    const net::SocketAddress address(settings.bind->host, settings.bind->port);
    if (settings.cert.empty()) {
      net::ServerSocket plain;
      listen_alone(plain, address);
      return plain;
    }
    net::Context::Ptr context =
        new net::Context(net::Context::SERVER_USE, settings.key.string(), settings.cert.string(),
                         "", net::Context::VERIFY_NONE);
    context->requireMinimumProtocol(net::Context::PROTO_TLSV1_2);
    net::SecureServerSocket secure(context);
    listen_alone(secure, address);
    return net::ServerSocket(secure);
  } catch (const net::SSLException&) {
    return make_error(ErrorKind::invalid, "tls.file-unreadable",
                      settings.cert.string() + ": certificate and key of [monitor] cannot be used");
  } catch (const Poco::Exception& error) {
    return make_error(ErrorKind::unavailable, "monitor.no-listener",
                      "the monitor cannot listen at " + settings.bind->host + " port " +
                          std::to_string(settings.bind->port) + ": " + error.displayText());
  }
}

net::HTTPServerParams::Ptr params() {
  net::HTTPServerParams::Ptr made = new net::HTTPServerParams;
  made->setMaxThreads(kThreads);
  made->setMaxQueued(kMostWaiting);
  made->setKeepAlive(false);
  made->setTimeout(Poco::Timespan(kPatienceSeconds, 0));
  return made;
}

}  // namespace

struct Monitor::Server {
  Server(const net::ServerSocket& socket, GetPage page, std::string token)
      : threads("monitor", 1, kThreads),
        http(new HandlerFactory(std::move(page), std::move(token)), threads, socket, params()) {
    http.start();
  }
  ~Server() { http.stopAll(true); }

  Poco::ThreadPool threads;
  net::HTTPServer http;
};

Monitor::Monitor(std::unique_ptr<Server> server) : server_(std::move(server)) {}
Monitor::~Monitor() = default;

Result<std::unique_ptr<Monitor>> Monitor::open(const config::MonitorSettings& settings,
                                               GetPage page) {
  std::string token;
  if (!settings.token_file.empty()) {
    VR_TRY(token, read_secret_line(settings.token_file, "monitor.no-token"));
  }
  VR_TRY(const net::ServerSocket socket, open_socket(settings));
  return std::unique_ptr<Monitor>(
      new Monitor(std::make_unique<Server>(socket, std::move(page), std::move(token))));
}

std::uint16_t Monitor::port() const { return server_->http.port(); }

}  // namespace veilroute::app
