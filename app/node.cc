#include "app/node.h"

#include <algorithm>

#include "app/descriptors.h"
#include "app/operations/operation.h"
#include "app/version.h"
#include "app/watch/pages.h"
#include "core/base/log.h"
#include "router/loops.h"
#include "scp/reporter.h"
#include "router/retention.h"

namespace veilroute::app {
namespace {

constexpr Duration kTidyEvery = std::chrono::seconds(1);
constexpr std::size_t kLongestThreadName = 15;

std::string thread_name(const std::string& what, const std::string& which) {
  return (what + "-" + which).substr(0, kLongestThreadName);
}

unsigned cores() { return std::max(1U, std::thread::hardware_concurrency()); }

void stop_and_join(std::vector<Thread>& threads) {
  for (Thread& thread : threads) thread.request_stop();
  threads.clear();
}

void log_recovery(const Site& site) {
  const auto& found = site.recovered();
  log::info("node.recovered", {{"segments", found.segments},
                               {"records", found.records},
                               {"recorded", found.recorded},
                               {"torn_tails", found.torn_tails},
                               {"attempts", std::uint64_t{site.attempts_recovered()}}});
  if (found.corrupt > 0) log::error("spool.corrupt", {{"records", found.corrupt}});
  if (found.unreadable > 0) log::error("spool.unreadable", {{"segments", found.unreadable}});
}

/// Before the listeners open: later it would be a caller who finds out.
void allow_descriptors(const config::Config& config) {
  const std::uint64_t allowed = raise_descriptor_limit(descriptors_needed(config));
  if (const auto few = too_few_descriptors(config, allowed)) {
    log::warn("node.few-descriptors", {{"needed", descriptors_needed(config)},
                                       {"allowed", allowed},
                                       log::Field::text("slug", few->slug)});
  }
}

}  // namespace

Result<std::unique_ptr<Node>> Node::start(const std::filesystem::path& folder, Clock& clock) {
  VR_TRY(auto site, Site::open(folder, clock));
  std::unique_ptr<Node> node(new Node(std::move(site)));
  log_recovery(*node->site_);
  allow_descriptors(node->site_->config());
  VR_TRY(node->tell_ledger(ledger::Kind::node_started,
                           {{"version", kVersion},
                            {"site", node->site_->config().site.name},
                            {"profile_engine", std::string(profiles::engine_version())},
                            {"standard", std::string(profiles::standard_edition())}}));
  VR_TRY(node->tell_ledger(ledger::Kind::configuration_loaded, settings_digests(folder)));
  VR_TRY(node->open_listeners());
  VR_TRY(node->control_, ControlSocket::open(node->site_->config().site.data_dir));
  node->start_router();
  node->start_reporter();
  VR_TRY(node->start_watch());
  node->start_control();
  node->start_listeners();
  return node;
}

Node::~Node() {
  const auto ended = stop();
  if (!ended.ok()) log::error("node.stop-failed", {log::Field::text("slug", ended.error().slug)});
}

std::vector<OpenPort> Node::ports() const {
  std::vector<OpenPort> ports;
  const auto& configured = site_->config().listeners;
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    ports.push_back({configured[i].name, configured[i].protocol, configured[i].bind.host,
                     listeners_[i]->port()});
  }
  return ports;
}

Result<void> Node::checkpoint() {
  return site_->catalog().checkpoint_ledger(site_->checkpoint_file());
}

Result<void> Node::stop() {
  if (stopped_) return {};
  stopped_ = true;
  stop_and_join(doors_);
  for (Thread& worker : workers_) worker.request_stop();
  site_->ring();
  tidy_bell_.ring();
  watch_bell_.ring();
  stop_and_join(workers_);
  monitor_.reset();
  control_.reset();
  listeners_.clear();
  VR_TRY(site_->catalog().flush());
  VR_TRY(tell_ledger(ledger::Kind::node_stopped, {{"version", kVersion}}));
  return checkpoint();
}

Result<void> Node::tell_ledger(ledger::Kind kind, std::map<std::string, std::string> fields) {
  ledger::Entry entry;
  entry.kind = kind;
  entry.at = site_->clock().now();
  entry.fields = std::move(fields);
  return site_->catalog().append_entry(std::move(entry));
}

Result<void> Node::open_listeners() {
  for (const auto& listener : site_->config().listeners) {
    VR_TRY(auto opened, scp::AssociationListener::open(site_->settings().config, listener,
                                                       site_->intake()));
    listeners_.push_back(std::move(opened));
  }
  return {};
}

void Node::start_router() {
  router::RouterRoom& room = site_->router();
  workers_.emplace_back("tidy", [this](const std::stop_token& stop) { tidy(stop); });
  workers_.emplace_back("planner",
                        [&room](const std::stop_token& stop) { router::planner_loop(room, stop); });
  workers_.emplace_back("retention",
                        [&room](const std::stop_token& stop) { router::retention_loop(room, stop); });
  for (unsigned i = 1; i <= cores(); ++i) {
    workers_.emplace_back(thread_name("prepare", std::to_string(i)),
                          [&room](const std::stop_token& stop) { router::prepare_loop(room, stop); });
  }
  for (const auto& destination : site_->config().destinations) {
    for (unsigned i = 0; i < destination.associations; ++i) {
      workers_.emplace_back(thread_name("send", destination.name.value),
                            [&room, name = destination.name](const std::stop_token& stop) {
                              router::send_loop(room, name, stop);
                            });
    }
  }
}

void Node::start_reporter() {
  workers_.emplace_back("reporter", [this](const std::stop_token& stop) {
    scp::report_loop(site_->commitments(), stop);
  });
}

Result<void> Node::start_watch() {
  VR_TRY(auto channels, open_channels(site_->config()));
  watch_ = std::make_unique<Watch>(site_->config().alerts, std::move(channels));
  workers_.emplace_back("watch", [this](const std::stop_token& stop) {
    watch_loop(*site_, *watch_, watch_bell_, stop);
  });
  if (!site_->config().monitor.bind) return {};
  VR_TRY(monitor_, Monitor::open(site_->config().monitor, [this](const std::string& path) {
    return monitor_page(*site_, site_->traffic(), path);
  }));
  log::info("monitor.open", {{"port", monitor_->port()}});
  return {};
}

void Node::start_control() {
  for (unsigned i = 1; i <= kControlThreads; ++i) {
    workers_.emplace_back(thread_name("control", std::to_string(i)),
                          [this](const std::stop_token& stop) { control_->serve(*this, stop); });
  }
}

void Node::start_listeners() {
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    const auto& configured = site_->config().listeners[i];
    log::info("listener.open", {{"listener", configured.name}, {"port", listeners_[i]->port()}});
    doors_.emplace_back(
        thread_name("listen", configured.name.value),
        [&listener = *listeners_[i]](const std::stop_token& stop) { listener.run(stop); });
  }
}

void Node::tidy(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto tidied = site_->spool().tidy();
    if (!tidied.ok()) {
      log::warn("spool.tidy-failed", {{"error_kind", tidied.error().kind},
                                      log::Field::text("slug", tidied.error().slug)});
    }
    tidy_bell_.wait(kTidyEvery);
  }
}

Result<json> Node::handle(Request request, Caller& caller) {
  try {
    return run_operation(*site_, std::move(request), caller);
  } catch (const std::exception&) {
    // A request must not end the node, whatever stands in it.
    log::error("control.request-failed");
    return make_error(ErrorKind::internal, "control.request-failed",
                      "the node could not carry out the request");
  }
}

void Node::goodbye(Caller& caller) { end_caller(*site_, caller); }

}  // namespace veilroute::app
