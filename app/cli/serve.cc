// veilroute serve: runs the node in the foreground.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "app/cli/print.h"
#include "app/cli/verbs.h"
#include "app/node.h"
#include "core/base/log.h"

namespace veilroute::app::cli {
namespace {

constexpr const char* kServeLesson =
    R"(Runs the node of a site in the foreground: takes objects in, completes studies, de-identifies,
verifies, sends. Logs to stderr; when all listeners are open, writes one line for each and then
`ready` to stdout (and tells systemd). SIGTERM or Ctrl-C stops it cleanly; what was under way goes on
at the next start. A change of the configuration takes effect at the next start: `veilroute check`
first, then restart. Everything received is on disk, so a restart loses nothing.

Examples:
  veilroute serve --site /srv/veilroute
  VEILROUTE_SITE=/srv/veilroute veilroute serve

Exit codes: 0 stopped as asked   2 the configuration is not right   3 another process owns the site
            4 a port or the disk is not available   5 something kept is damaged)";

constexpr auto kCheckpointEvery = std::chrono::minutes(10);

/// One datagram to systemd (sd_notify(3)); nothing when it did not start us.
void notify_systemd(const char* state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || *path == '\0') return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(path);
  if (length >= sizeof(address.sun_path)) return;
  std::memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = '\0';
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  // Best effort by its nature: the node runs whether or not anybody listens.
  (void)::sendto(socket.get(), state, std::strlen(state), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), size);
}

/// Signals come to the main thread alone, as values.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

log::Level level_of(const std::string& word) {
  if (word == "debug") return log::Level::debug;
  if (word == "warn") return log::Level::warn;
  if (word == "error") return log::Level::error;
  return log::Level::info;
}

Result<void> start_log(const std::filesystem::path& site) {
  VR_TRY(const Settings settings, require_settings(site, SystemClock().now()));
  log::Settings wanted;
  wanted.lowest = level_of(settings.config->log.level);
  wanted.json = settings.config->log.json;
  return log::start(wanted);
}

void say_ready(const Node& node) {
  for (const auto& port : node.ports()) {
    print_line("listening " + port.listener.value + " " +
               std::string(config::to_string(port.protocol)) + " " +
               port.host + ":" + std::to_string(port.port));
  }
  print_line("ready");
  log::info("node.ready");
  notify_systemd("READY=1");
}

void note_failed_checkpoint(const Result<void>& outcome) {
  if (outcome.ok()) return;
  log::error("ledger.checkpoint-failed", {{"error_kind", outcome.error().kind},
                                          log::Field::text("slug", outcome.error().slug)});
}

/// Until a signal says stop.
void wait_for_the_end(Node& node, const sigset_t& signals) {
  auto next = std::chrono::steady_clock::now() + kCheckpointEvery;
  for (;;) {
    const timespec patience{1, 0};
    const int signal = ::sigtimedwait(&signals, nullptr, &patience);
    if (signal == SIGTERM || signal == SIGINT) return;
    if (signal == SIGHUP) log::warn("node.restart-needed-for-new-configuration");
    if (std::chrono::steady_clock::now() < next) continue;
    note_failed_checkpoint(node.checkpoint());
    next = std::chrono::steady_clock::now() + kCheckpointEvery;
  }
}

int run_serve(const Common& common) {
  const sigset_t signals = block_signals();
  if (const auto started = start_log(common.site); !started.ok()) return report(started.error());
  SystemClock clock;
  auto node = Node::start(common.site, clock);
  if (!node.ok()) return report(node.error());
  say_ready(*node.value());
  wait_for_the_end(*node.value(), signals);
  notify_systemd("STOPPING=1");
  log::info("node.stopping");
  const auto stopped = node.value()->stop();
  if (!stopped.ok()) return report(stopped.error());
  log::info("node.stopped");
  return kDone;
}

}  // namespace

void add_serve(Verb& app, Common& common, Chosen& chosen) {
  Verb* verb = add_verb(app, common, "serve", "run the node", kServeLesson, false);
  verb->callback([&common, &chosen] { chosen.run = [&common] { return run_serve(common); }; });
}

}  // namespace veilroute::app::cli
