#include "app/control.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "core/base/log.h"

namespace veilroute::app {
namespace {

constexpr int kWaitMilliseconds = 250;     // how soon a stop is noticed
constexpr int kIdleRounds = 240;           // a silent caller keeps its thread a minute at most
constexpr int kAnswerTimeoutSeconds = 60;  // a caller that stops reading
constexpr int kBacklog = 16;
constexpr const char* kName = "control.sock";

Error failed(const char* what) {
  return make_error(ErrorKind::unavailable, "control.not-open",
                    std::string("the control socket: ") + what + ": " + std::strerror(errno));
}

/// A name of 108 bytes is all a socket's address holds; through the folder's descriptor every site
/// fits, however deep it lies.
Result<sockaddr_un> address_in(const Descriptor& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "/proc/self/fd/" + std::to_string(folder.get()) + "/" + kName;
  if (name.size() >= sizeof(address.sun_path)) {
    return make_error(ErrorKind::internal, "control.not-open", "the control socket's name");
  }
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  return address;
}

Descriptor open_folder(const std::filesystem::path& folder) {
  return Descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

/// The socket's mode already keeps others out; the kernel's word for who calls is a second lock.
std::optional<unsigned> allowed_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  if (peer.uid != ::geteuid() && peer.uid != 0) return std::nullopt;
  return peer.uid;
}

/// False when nothing came for a while.
Result<bool> wait_readable(int descriptor) {
  pollfd entry{descriptor, POLLIN, 0};
  const int ready = ::poll(&entry, 1, kWaitMilliseconds);
  if (ready < 0 && errno != EINTR) return failed("waiting for it");
  return ready > 0;
}

/// Out of descriptors or memory: asking again at once would only take the processor from whoever is
/// to free some.
void wait_a_while() { std::this_thread::sleep_for(std::chrono::milliseconds(kWaitMilliseconds)); }

void set_timeouts(int socket) {
  const timeval limit{kAnswerTimeoutSeconds, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

Result<Request> request_of(Message message) {
  Request request;
  request.file = std::move(message.descriptor);
  if (message.body.is_object() && message.body.contains("verb") &&
      message.body["verb"].is_string()) {
    request.verb = message.body["verb"].get<std::string>();
    if (message.body.contains("arguments") && message.body["arguments"].is_object()) {
      request.arguments = message.body["arguments"];
    }
    return request;
  }
  return make_error(ErrorKind::invalid, "control.unreadable-request",
                    "a request on the control socket names no verb");
}

json answer_to(Message message, RequestHandler& handler, Caller& caller) {
  auto request = request_of(std::move(message));
  auto outcome = request.ok() ? handler.handle(std::move(request).value(), caller)
                              : Result<json>(request.error());
  if (outcome.ok()) return {{"result", std::move(outcome).value()}};
  return {{"error", to_json(outcome.error())}};
}

/// Until the caller hangs up, falls silent, says something unreadable, or we stop.
void serve_connection(int socket, RequestHandler& handler, Caller& caller,
                      const std::stop_token& stop) {
  int idle = 0;
  while (!stop.stop_requested() && idle < kIdleRounds) {
    const auto readable = wait_readable(socket);
    if (!readable.ok()) return;
    if (!*readable) {
      ++idle;
      continue;
    }
    idle = 0;
    auto message = receive_message(socket, kMostRequestBytes);
    if (!message.ok()) {
      // What follows an unreadable message cannot be trusted to begin where we think.
      (void)send_message(socket, {{"error", to_json(message.error())}}).ok();
      return;
    }
    if (!message.value()) return;
    json answer = answer_to(std::move(*message.value()), handler, caller);
    const auto sent = send_message(socket, answer);
    wipe(answer);
    if (sent.ok()) continue;
    if (sent.error().kind != ErrorKind::exhausted) return;
    if (!send_message(socket, {{"error", to_json(sent.error())}}).ok()) return;
  }
}

}  // namespace

std::string actor_of(unsigned user) { return "uid:" + std::to_string(user); }

Result<std::unique_ptr<ControlSocket>> ControlSocket::open(const std::filesystem::path& data_dir) {
  Descriptor folder = open_folder(data_dir);
  if (!folder.valid()) return failed("its folder");
  Descriptor listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listening.valid()) return failed("making it");
  // We hold the site's lock, so whatever stands there belongs to nobody.
  if (::unlinkat(folder.get(), kName, 0) != 0 && errno != ENOENT) {
    return failed("removing the old one");
  }
  VR_TRY(const sockaddr_un address, address_in(folder));
  const mode_t before = ::umask(0177);
  const int bound = ::bind(listening.get(), generic(address), sizeof(address));
  ::umask(before);
  if (bound != 0) return failed("giving it its name");
  if (::listen(listening.get(), kBacklog) != 0) return failed("listening");
  return std::unique_ptr<ControlSocket>(
      new ControlSocket(std::move(folder), std::move(listening)));
}

ControlSocket::~ControlSocket() { ::unlinkat(folder_.get(), kName, 0); }

void ControlSocket::serve(RequestHandler& handler, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto readable = wait_readable(listening_.get());
    if (!readable.ok()) wait_a_while();
    if (!readable.ok() || !*readable) continue;
    const Descriptor socket(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket.valid()) {
      // The caller still waits; or another thread has taken it.
      if (errno != EAGAIN && errno != EWOULDBLOCK) wait_a_while();
      continue;
    }
    const auto user = allowed_user(socket.get());
    if (!user) {
      log::warn("control.caller-refused");
      continue;
    }
    set_timeouts(socket.get());
    Caller caller{actor_of(*user), std::nullopt};
    serve_connection(socket.get(), handler, caller, stop);
    handler.goodbye(caller);
  }
}

Result<std::optional<ControlClient>> ControlClient::connect(
    const std::filesystem::path& data_dir) {
  const Descriptor folder = open_folder(data_dir);
  if (!folder.valid()) return std::optional<ControlClient>();
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return failed("making our end");
  VR_TRY(const sockaddr_un address, address_in(folder));
  if (::connect(socket.get(), generic(address), sizeof(address)) == 0) {
    return std::optional<ControlClient>(ControlClient(std::move(socket)));
  }
  if (errno == ENOENT || errno == ECONNREFUSED) return std::optional<ControlClient>();
  if (errno == EACCES) {
    return make_error(ErrorKind::refused, "control.not-allowed",
                      "only the user that runs the node, or root, may ask it; try `sudo -u`");
  }
  return failed("reaching the node");
}

Result<json> ControlClient::ask(const std::string& verb, const json& arguments, int file) {
  VR_TRY(send_message(socket_.get(), {{"verb", verb}, {"arguments", arguments}}, file));
  VR_TRY(auto answer, receive_message(socket_.get(), kMostAnswerBytes));
  if (!answer) {
    return make_error(ErrorKind::unavailable, "control.lost",
                      "the node ended the connection without an answer");
  }
  if (answer->body.is_object() && answer->body.contains("result")) {
    return std::move(answer->body["result"]);
  }
  return error_of(answer->body.is_object() ? answer->body.value("error", json::object())
                                           : json::object());
}

}  // namespace veilroute::app
