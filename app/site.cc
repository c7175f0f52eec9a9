#include "app/site.h"

#include <algorithm>

#include "core/base/keyring.h"
#include "core/base/log.h"
#include "core/store/key_copy.h"
#include "core/store/sqlite/catalog.h"
#include "router/destination_state.h"

namespace veilroute::app {

Result<std::unique_ptr<Site>> Site::open(const std::filesystem::path& folder, Clock& clock) {
  VR_TRY(SiteLock lock, SiteLock::take(data_dir_of(folder, clock.now())));
  VR_TRY(Settings settings, require_settings(folder, clock.now()));
  std::unique_ptr<Site> site(new Site(std::move(lock), std::move(settings), clock));
  VR_TRY(site->open_store());
  return site;
}

Site::~Site() = default;

Result<void> Site::open_store() {
  const auto& data_dir = config().site.data_dir;
  files_ = real_files();
  VR_TRY(const Secret master, read_master_key(config().folder, config().site.master_key));
  VR_TRY(catalog_, store::open_sqlite_catalog(data_dir / "catalog.db", master, clock_));
  if (const auto kept = store::keep_key_copy(store::key_copy_of(config().folder),
                                             catalog_->keyring(), master);
      !kept.ok()) {
    log::warn("keys.copy-not-written", {log::Field::text("slug", kept.error().slug)});
  }
  store::SpoolLimits limits;
  limits.reserve_bytes = config().spool.reserve_bytes;
  limits.quota_bytes = config().spool.quota_bytes;
  limits.most_segments = std::max(limits.most_segments, store::segments_for(objects_at_once(config())));
  VR_TRY(spool_, store::Spool::open(*files_, *catalog_, clock_, data_dir / "spool", limits));
  VR_TRY(recovered_, spool_->recover(completion()));
  VR_TRY(catalog_->flush());
  VR_TRY(attempts_recovered_, catalog_->recover_attempts());
  // The spool stops at the reserve, so that what it holds can still be prepared, sent and let go.
  const store::RoomLimits outbox{config().spool.reserve_bytes / 2, config().outbox.quota_bytes};
  outbox_ = std::make_unique<store::Outbox>(*files_, catalog_->keyring(), data_dir / "outbox", outbox);
  VR_TRY(const std::vector<TransferId> transfers, catalog_->outboxes());
  VR_TRY(outbox_->remove_strays(transfers));
  bells_ = std::make_unique<router::Doorbells>(config());
  commitments_ = std::make_unique<scp::CommitmentDesk>(settings_.config, *catalog_, clock_);
  intake_ = std::make_unique<scp::IntakeRoom>(scp::IntakeRoom{
      *spool_, *catalog_, in_flight_, clock_, completion(), match_tags(config()),
      [this] { bells_->planner.ring(); }});
  intake_->commitments = commitments_.get();
  intake_->traffic = traffic_;
  router_.reset(new router::RouterRoom{*catalog_, *spool_, *outbox_, in_flight_, clock_,
                                       settings_.config, *settings_.library, *bells_,
                                       router::make_sender});
  router_->traffic = traffic_;
  return router::restore_suspensions(*router_);
}

void Site::ring() const {
  bells_->planner.ring();
  bells_->preparers.ring();
  bells_->retention.ring();
  for (const auto& destination : config().destinations) bells_->ring_senders(destination.name);
}

store::CompletionPolicy Site::completion() const {
  return {config().completion.quiet, config().completion.longest};
}

std::filesystem::path Site::checkpoint_file() const {
  return config().folder / "log" / "ledger-checkpoints.jsonl";
}

std::filesystem::path data_dir_of(const std::filesystem::path& site, TimePoint now) {
  const auto loaded = load_settings(site, now);
  return loaded.ok() ? loaded.settings.config->site.data_dir : site / "state";
}

std::size_t objects_at_once(const config::Config& config) {
  std::size_t objects = kControlThreads;
  for (const auto& listener : config.listeners) objects += listener.most_associations;
  return objects;
}

std::vector<dicom::Tag> match_tags(const config::Config& config) {
  std::vector<dicom::Tag> tags;
  for (const auto& route : config.routes) {
    for (const auto* condition : {&route.when, &route.include}) {
      for (const auto& path : condition->paths()) {
        if (!path.empty()) tags.push_back(path.front());
      }
    }
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

}  // namespace veilroute::app
