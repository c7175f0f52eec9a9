// The control socket: how the command line reaches the process that owns the site.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "app/message.h"
#include "core/base/ids.h"

namespace veilroute::app {

/// Who asks, over one connection. `actor` goes into the ledger ("uid:1000").
struct Caller {
  std::string actor;
  std::optional<AssociationId> association;  ///< of `submit`, given at its first object
};

/// One request: the verb's name, its arguments, and the file that came along.
struct Request {
  std::string verb;
  json arguments = json::object();
  Descriptor file;
};

/// What the node does with requests. Called from several threads.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  virtual Result<json> handle(Request request, Caller& caller) = 0;
  /// The connection ended, in whatever way.
  virtual void goodbye(Caller& caller) = 0;
};

/// `state/control.sock`, mode 0600. Only the user that owns the process, or root, is heard.
class ControlSocket {
 public:
  /// Call while holding the site's lock: a socket left by an earlier process is replaced.
  static Result<std::unique_ptr<ControlSocket>> open(const std::filesystem::path& data_dir);
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;
  /// Takes connections and answers their requests, one connection at a time, until stopped. May run
  /// in several threads at once.
  void serve(RequestHandler& handler, const std::stop_token& stop);

 private:
  ControlSocket(Descriptor folder, Descriptor listening)
      : folder_(std::move(folder)), listening_(std::move(listening)) {}
  Descriptor folder_;
  Descriptor listening_;
};

/// The command line's end.
class ControlClient {
 public:
  /// None when no process listens there.
  static Result<std::optional<ControlClient>> connect(const std::filesystem::path& data_dir);
  /// One request and its answer; `file` goes along unless negative.
  Result<json> ask(const std::string& verb, const json& arguments, int file = -1);

 private:
  explicit ControlClient(Descriptor socket) : socket_(std::move(socket)) {}
  Descriptor socket_;
};

/// "uid:1000": the actor written to the ledger for a user of this machine.
std::string actor_of(unsigned user);

}  // namespace veilroute::app
