#include "app/operations/salvage.h"

#include <algorithm>
#include <set>

#include "app/settings.h"
#include "app/site.h"
#include "app/site_lock.h"
#include "core/base/crypto.h"
#include "core/store/key_copy.h"
#include "core/store/segment_format.h"
#include "core/store/segment_keys.h"
#include "core/store/sqlite/catalog.h"
#include "core/store/sqlite/salvage.h"

namespace veilroute::app {
namespace {

namespace fs = std::filesystem;
using store::CatalogHealth;

constexpr std::string_view kDatabaseParts[] = {"", "-wal", "-shm", "-journal"};

Error cannot(const char* doing, const fs::path& what, const std::error_code& why) {
  return make_error(ErrorKind::unavailable, "salvage.file-failed",
                    std::string("cannot ") + doing + " " + what.string() + ": " + why.message());
}

Result<void> move_into(const fs::path& file, const fs::path& folder) {
  std::error_code why;
  if (!fs::exists(file, why)) return {};
  fs::create_directories(folder, why);
  fs::rename(file, folder / file.filename(), why);
  if (why) return cannot("move", file, why);
  return real_files()->sync_folder(folder);
}

struct FoundSegment {
  SegmentId id;
  std::optional<Bytes> wrapped_key;  ///< empty: nobody can open it
};

class Salvage {
 public:
  Salvage(const SalvageOrder& order, const config::Config& config, Secret master, Clock& clock)
      : order_(order),
        config_(config),
        master_(std::move(master)),
        clock_(clock),
        state_(config.site.data_dir),
        catalog_(state_ / "catalog.db"),
        work_(state_ / ".salvage"),
        aside_(state_ / ("set-aside-" + std::to_string(to_micros(clock.now()) / 1'000'000))) {}
  ~Salvage() { clear_work(); }
  Salvage(const Salvage&) = delete;
  Salvage& operator=(const Salvage&) = delete;
  Result<json> run();

 private:
  Result<void> look();
  Result<void> read_keys();
  Result<void> build();
  bool ledger_is_whole();
  Result<void> find_segments();
  Result<void> put_in_place();
  Result<void> take_over();
  Result<void> settle_checkpoints(store::Catalog& catalog);
  void clear_work() const {
    std::error_code ignored;
    fs::remove_all(work_, ignored);
  }
  [[nodiscard]] fs::path old_copy() const { return work_ / "old.db"; }
  [[nodiscard]] fs::path built() const { return work_ / "catalog.db"; }
  [[nodiscard]] bool renewed() const { return health_ != CatalogHealth::whole; }

  const SalvageOrder& order_;
  const config::Config& config_;
  const Secret master_;
  Clock& clock_;
  const fs::path state_, catalog_, work_, aside_;
  std::unique_ptr<Files> files_ = real_files();
  CatalogHealth health_ = CatalogHealth::missing;
  Keyring keyring_;
  std::vector<SegmentId> files_found_;
  std::vector<FoundSegment> unknown_;
  bool ledger_anew_ = false;
  json answer_ = json::object();
};

Result<json> Salvage::run() {
  clear_work();
  VR_TRY(files_->make_folder(work_));
  VR_TRY(look());
  answer_["catalog"] = std::string(to_string(health_));
  VR_TRY(read_keys());
  if (renewed()) VR_TRY(build());
  VR_TRY(find_segments());
  answer_["needed"] = renewed() || !unknown_.empty();
  answer_["done"] = false;
  if (order_.dry_run || answer_["needed"] == false) return answer_;
  VR_TRY(put_in_place());
  VR_TRY(take_over());
  answer_["done"] = true;
  return answer_;
}

/// On a copy: looking at a database may write to it.
Result<void> Salvage::look() {
  for (const std::string_view part : {"", "-wal"}) {
    const fs::path from = catalog_.string() + std::string(part);
    std::error_code why;
    if (!fs::exists(from, why)) continue;
    fs::copy_file(from, old_copy().string() + std::string(part), why);
    if (why) return cannot("copy", from, why);
  }
  VR_TRY(health_, store::look_at_catalog(old_copy()));
  return {};
}

Result<void> Salvage::read_keys() {
  auto copy = store::read_key_copy(store::key_copy_of(config_.folder), master_);
  if (copy.ok()) {
    keyring_ = std::move(copy).value();
    return {};
  }
  // A catalog that is readable in part may still have them.
  if (health_ == CatalogHealth::missing) return std::move(copy).error();
  auto kept = store::read_catalog_keys(old_copy(), master_);
  if (!kept.ok()) return std::move(copy).error();
  keyring_ = std::move(kept).value();
  return {};
}

/// A new catalog beside the old one, with all that can be read of it.
Result<void> Salvage::build() {
  VR_TRY(store::create_sqlite_catalog(built(), master_, keyring_));
  if (health_ == CatalogHealth::damaged) {
    VR_TRY(const auto copied, store::copy_rows(old_copy(), built()));
    json tables = json::object();
    for (const auto& [table, rows] : copied) {
      if (rows.rows + rows.lost_ranges == 0) continue;
      tables[table] = {{"rows", rows.rows}, {"lost", rows.lost_ranges}};
    }
    answer_["copied"] = std::move(tables);
  }
  const bool whole = ledger_is_whole();
  ledger_anew_ = health_ == CatalogHealth::missing || !whole;
  if (!whole) VR_TRY(store::begin_ledger_anew(built(), keyring_));
  answer_["ledger"] = ledger_anew_ ? "begun anew" : "kept";
  return {};
}

bool Salvage::ledger_is_whole() {
  const auto catalog = store::open_sqlite_catalog(built(), master_, clock_);
  if (!catalog.ok()) return false;
  const auto found = (*catalog)->inspect_ledger();
  return found.ok() && found->ok;
}

/// Segments that the catalog does not know, and what still opens them.
Result<void> Salvage::find_segments() {
  const fs::path spool = state_ / "spool";
  VR_TRY(files_->make_folder(spool));
  VR_TRY(files_->make_folder(store::segment_keys_folder(spool)));
  VR_TRY(const auto names, files_->list(spool));
  std::set<SegmentId> known;
  {
    VR_TRY(const auto catalog, store::open_sqlite_catalog(renewed() ? built() : old_copy(), master_,
                                                          clock_));
    VR_TRY(const auto rows, catalog->segments());
    for (const auto& row : rows) known.insert(row.id);
  }
  store::SegmentKeys kept(*files_, spool);
  json taken = json::array();
  json unreadable = json::array();
  for (const std::string& name : names) {
    const auto id = store::segment_of_file_name(name);
    if (!id) continue;
    files_found_.push_back(*id);
    if (known.contains(*id)) continue;
    VR_TRY(auto key, kept.find(*id));
    if (key && !crypto::unwrap_key(keyring_.spool, *key).ok()) key.reset();
    (key ? taken : unreadable).push_back(name);
    unknown_.push_back({*id, std::move(key)});
  }
  answer_["segments_taken"] = std::move(taken);
  answer_["segments_unreadable"] = std::move(unreadable);
  return {};
}

/// Everything that is replaced is moved, never deleted.
Result<void> Salvage::put_in_place() {
  VR_TRY(store::number_beyond(renewed() ? built() : catalog_, files_found_));
  if (renewed()) {
    for (const std::string_view part : kDatabaseParts) {
      VR_TRY(move_into(catalog_.string() + std::string(part), aside_));
    }
    VR_TRY(files_->rename(built(), catalog_));
    VR_TRY(files_->sync_folder(state_));
  }
  for (const FoundSegment& segment : unknown_) {
    if (segment.wrapped_key) continue;
    VR_TRY(move_into(state_ / "spool" / store::segment_file_name(segment.id),
                     state_ / "unreadable"));
  }
  return files_->sync_folder(state_ / "spool");
}

/// The normal recovery, with the segments that are now known; then everything that waits is held.
Result<void> Salvage::take_over() {
  VR_TRY(const auto catalog, store::open_sqlite_catalog(catalog_, master_, clock_));
  std::uint64_t taken = 0;
  for (const FoundSegment& segment : unknown_) {
    if (!segment.wrapped_key) continue;
    VR_TRY(catalog->add_segment(segment.id, *segment.wrapped_key));
    ++taken;
  }
  VR_TRY(const auto spool,
         store::Spool::open(*files_, *catalog, clock_, state_ / "spool", store::SpoolLimits{}));
  VR_TRY(const auto report,
         spool->recover({config_.completion.quiet, config_.completion.longest}));
  VR_TRY(catalog->flush());
  VR_TRY(const std::size_t attempts, catalog->recover_attempts());
  VR_TRY(settle_checkpoints(*catalog));
  if (fs::exists(aside_)) answer_["set_aside"] = aside_.string();
  answer_["objects"] = report.recorded;
  answer_["corrupt"] = report.corrupt + report.unreadable;
  VR_TRY(const std::size_t held,
         catalog->hold_salvaged({{"actor", order_.actor},
                                 {"catalog", std::string(to_string(health_))},
                                 {"segments_taken", std::to_string(taken)},
                                 {"segments_unreadable", std::to_string(unknown_.size() - taken)},
                                 {"objects", std::to_string(report.recorded)},
                                 {"attempts", std::to_string(attempts)}}));
  answer_["held"] = held;
  return store::keep_key_copy(store::key_copy_of(config_.folder), catalog->keyring(), master_);
}

/// An old copy's ledger ends before the newest checkpoint, and one begun anew before all of them:
/// they would call this ledger cut off for ever. They stay, beside what they speak of.
Result<void> Salvage::settle_checkpoints(store::Catalog& catalog) {
  const fs::path file = config_.folder / "log" / "ledger-checkpoints.jsonl";
  VR_TRY(const auto alone, catalog.inspect_ledger());
  VR_TRY(const auto found, catalog.inspect_ledger(file));
  if (found.ok || !alone.ok) return {};
  answer_["checkpoints"] = "set aside";
  return move_into(file, aside_);
}

}  // namespace

Result<json> salvage_site(const SalvageOrder& order, Clock& clock) {
  VR_TRY(const SiteLock lock, SiteLock::take(data_dir_of(order.site, clock.now())));
  VR_TRY(const Settings settings, require_settings(order.site, clock.now()));
  const config::Config& config = *settings.config;
  VR_TRY(Secret master, read_master_key(config.folder, config.site.master_key));
  return Salvage(order, config, std::move(master), clock).run();
}

}  // namespace veilroute::app
