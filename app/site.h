// Site: the opened site, for the one process that owns it: a node, or one verb of the command line.
#pragma once

#include <memory>

#include "app/settings.h"
#include "app/site_lock.h"
#include "core/base/clock.h"
#include "core/base/files.h"
#include "core/base/traffic.h"
#include "core/store/catalog.h"
#include "core/store/in_flight.h"
#include "core/store/outbox.h"
#include "core/store/spool.h"
#include "router/room.h"
#include "scp/commitment_desk.h"
#include "scp/intake.h"

namespace veilroute::app {

/// Opens in the only right order: lock, configuration, keys, catalog, spool, recovery; what was under
/// way when the last owner ended is made good before anybody looks. Members may be used from any
/// thread as their own headers say.
class Site {
 public:
  /// `refused` ("site.in-use") when another process owns the site.
  static Result<std::unique_ptr<Site>> open(const std::filesystem::path& folder, Clock& clock);
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  [[nodiscard]] const config::Config& config() const { return *settings_.config; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] Clock& clock() { return clock_; }
  [[nodiscard]] store::Catalog& catalog() { return *catalog_; }
  [[nodiscard]] store::Spool& spool() { return *spool_; }
  [[nodiscard]] store::Outbox& outbox() { return *outbox_; }
  [[nodiscard]] store::InFlight& in_flight() { return in_flight_; }
  [[nodiscard]] scp::IntakeRoom& intake() { return *intake_; }
  [[nodiscard]] scp::CommitmentDesk& commitments() { return *commitments_; }
  [[nodiscard]] store::CompletionPolicy completion() const;
  [[nodiscard]] std::filesystem::path checkpoint_file() const;

  /// What passed through since this process opened the site.
  [[nodiscard]] const Traffic& traffic() const { return *traffic_; }

  /// What recovery found; for the log.
  [[nodiscard]] const store::RecoveryReport& recovered() const { return recovered_; }
  [[nodiscard]] std::size_t attempts_recovered() const { return attempts_recovered_; }

  /// What the router's steps work with; its threads, if any, are the node's.
  [[nodiscard]] router::RouterRoom& router() { return *router_; }

  /// Wakes whoever works on the catalog: something changed.
  void ring() const;

 private:
  Site(SiteLock lock, Settings settings, Clock& clock)
      : lock_(std::move(lock)), settings_(std::move(settings)), clock_(clock) {}
  Result<void> open_store();

  SiteLock lock_;  // first in, last out
  Settings settings_;
  Clock& clock_;
  std::unique_ptr<Files> files_;
  std::unique_ptr<store::Catalog> catalog_;
  std::unique_ptr<store::Spool> spool_;
  std::unique_ptr<store::Outbox> outbox_;
  store::InFlight in_flight_;
  std::unique_ptr<scp::CommitmentDesk> commitments_;
  std::unique_ptr<scp::IntakeRoom> intake_;
  std::shared_ptr<Traffic> traffic_ = std::make_shared<Traffic>();
  store::RecoveryReport recovered_;
  std::unique_ptr<router::Doorbells> bells_;
  std::unique_ptr<router::RouterRoom> router_;
  std::size_t attempts_recovered_ = 0;
};

/// Where the site keeps its state, even when its configuration cannot be read: then the usual place.
std::filesystem::path data_dir_of(const std::filesystem::path& site, TimePoint now);

/// Requests of the command line that are served at one time; `submit` takes objects in.
inline constexpr unsigned kControlThreads = 4;
/// Objects that may arrive at one time: one each association and each request.
std::size_t objects_at_once(const config::Config& config);

/// The tags that routes ask about at the top level, sorted: what intake keeps of each object.
std::vector<dicom::Tag> match_tags(const config::Config& config);

}  // namespace veilroute::app
