// The monitor's listener: a health page for load balancers and people, metrics for Prometheus. Off
// unless [monitor] says where.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "config/config.h"
#include "core/base/result.h"

namespace veilroute::app {

/// What a request is answered with.
struct MonitorPage {
  int status = 200;
  std::string type;
  std::string body;
};

/// Answers GET and HEAD alone, one request a connection, and whoever shows the token where one is
/// set. Four threads of its own; what `page` throws or cannot give is 500. Ends when destroyed.
class Monitor {
 public:
  /// "/healthz" → its page; an empty type: there is no such page. Called by several threads.
  using GetPage = std::function<MonitorPage(const std::string& path)>;
  /// Errors: "monitor.no-token" (its file is empty or cannot be read), "monitor.no-listener" (the
  /// address is taken or not ours), "tls.file-unreadable".
  static Result<std::unique_ptr<Monitor>> open(const config::MonitorSettings& settings,
                                               GetPage page);
  ~Monitor();
  [[nodiscard]] std::uint16_t port() const;

 private:
  struct Server;
  explicit Monitor(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace veilroute::app
