// Node: a site at work. Builds, starts, stops and owns every long-lived object; the only place that
// starts threads, but for those of a listener's pool.
//
//   main               signals, checkpoints of the ledger
//   listen-<name>      one a listener: accepts, shakes hands, reads the first PDU
//   assoc-<n>          a pool a listener, started as associations come: one each
//   planner            steps 4 and 5 of the walk
//   prepare-<n>        one a core: steps 6 to 8
//   send-<destination> as many as it allows associations: steps 9 and 10
//   reporter           tells sources what became of their requests for commitment
//   retention          shreds what is over and clears away after it
//   control-<n>        requests of the command line
//   watch              looks at the site every half minute, tells people
//   monitor            up to four of Poco's, where [monitor] says: one a request
//   tidy               rolls the spool's segments, off the answering path
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/control.h"
#include "app/site.h"
#include "app/watch/monitor.h"
#include "app/watch/watch.h"
#include "core/base/thread.h"
#include "scp/listener.h"

namespace veilroute::app {

/// A port that is open, for whoever started us.
struct OpenPort {
  ListenerName listener;
  config::Protocol protocol = config::Protocol::dicom;
  std::string host;
  std::uint16_t port = 0;
};

/// Main thread only.
class Node final : private RequestHandler {
 public:
  /// Takes the site, makes good what was under way, says so in the ledger, and starts every thread,
  /// listeners last.
  static Result<std::unique_ptr<Node>> start(const std::filesystem::path& folder, Clock& clock);
  /// Stops if stop() was not called.
  ~Node() override;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  [[nodiscard]] std::vector<OpenPort> ports() const;
  /// Signs the ledger's length and head, into the catalog and beside the log.
  Result<void> checkpoint();
  /// Listeners first, so that nothing new comes in; then everybody else, in any order; then the
  /// ledger's last word. Associations are aborted: their senders will send again.
  Result<void> stop();

 private:
  explicit Node(std::unique_ptr<Site> site) : site_(std::move(site)) {}
  Result<void> tell_ledger(ledger::Kind kind, std::map<std::string, std::string> fields);
  Result<void> open_listeners();
  void start_router();
  void start_reporter();
  Result<void> start_watch();
  void start_control();
  void start_listeners();
  void tidy(const std::stop_token& stop);
  Result<json> handle(Request request, Caller& caller) override;
  void goodbye(Caller& caller) override;

  std::unique_ptr<Site> site_;
  std::vector<std::unique_ptr<scp::AssociationListener>> listeners_;
  std::unique_ptr<ControlSocket> control_;
  std::unique_ptr<Watch> watch_;
  std::unique_ptr<Monitor> monitor_;
  Doorbell tidy_bell_;
  Doorbell watch_bell_;
  bool stopped_ = false;
  // Last members: threads end before what they use.
  std::vector<Thread> workers_;
  std::vector<Thread> doors_;
};

}  // namespace veilroute::app
