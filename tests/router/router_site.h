// A router without its threads: real catalog, spool and outbox in a folder of their own, a clock
// that stands still, phantoms as objects, and a receiver that is only told about.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/crypto.h"
#include "core/base/files.h"
#include "core/dicom/phantom.h"
#include "core/dicom/scanner.h"
#include "core/store/sqlite/catalog.h"
#include "core/store/sqlite/connection.h"
#include "router/dispatch.h"
#include "router/loops.h"
#include "router/plan.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_folder.h"

namespace veilroute::router {

inline const DestinationName kBone{"bone"};

inline config::Condition condition_of(const std::string& text) {
  auto parsed = config::Condition::parse(text, {"site.toml", 1, 1});
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed.ok() ? std::move(parsed).value() : config::Condition();
}

/// One destination on this machine, approved, and one route to it that takes everything.
inline config::Config site_config() {
  config::Config site;
  config::Destination bone;
  bone.name = kBone;
  bone.protocol = config::Protocol::dicom;
  bone.address = {"127.0.0.1", 104};
  bone.scope = {"destination:bone"};
  bone.gate = config::Gate{"de-identified",
                           "DUA-1",
                           std::chrono::year(2030) / std::chrono::month(1) / std::chrono::day(1),
                           "privacy office",
                           {}};
  site.destinations.push_back(std::move(bone));
  config::Route hands;
  hands.name = {"hands"};
  hands.when = condition_of("source = \"er-xray\"");
  hands.destination = kBone;
  hands.profile = {"basic"};
  hands.basis = "de-identified";
  hands.consent = {false, "de-identified data"};
  site.routes.push_back(std::move(hands));
  return site;
}

/// Opens and reads every parcel, as a real one does, and calls it sent.
class TestSender final : public Sender {
 public:
  store::AttemptResult send(const std::vector<Parcel>& parcels, const OnAnswer& on_answer,
                            const std::stop_token&) override {
    store::AttemptResult result;
    result.outcome = store::Outcome::deferred;
    for (const Parcel& parcel : parcels) {
      const auto bytes = bytes_of(parcel);
      if (!bytes.ok()) {
        result.slug = bytes.error().slug;
        return result;
      }
      store::ObjectOutcome answer;
      answer.object = parcel.record->object;
      answer.outcome = store::Outcome::sent;
      answer.sent_digest = crypto::sha256(*bytes);
      answer.sent_bytes = bytes->size();
      if (!on_answer(answer).ok()) return result;
    }
    result.outcome = store::Outcome::sent;
    return result;
  }
  Result<EchoReport> echo() override { return EchoReport{}; }

 private:
  static Result<Bytes> bytes_of(const Parcel& parcel) {
    VR_TRY(const std::unique_ptr<ByteSource> source, parcel.open());
    Bytes bytes(static_cast<std::size_t>(source->size_bytes()));
    VR_TRY(source->read_at(0, bytes));
    return bytes;
  }
};

/// The real files, until it gives nothing back any more.
class TiredDisk final : public Files {
 public:
  std::atomic<bool> broken = false;
  std::atomic<unsigned> opened = 0;  ///< segments, for reading
  Result<std::unique_ptr<File>> create(const std::filesystem::path& path) override {
    return real_->create(path);
  }
  Result<std::unique_ptr<File>> open_append(const std::filesystem::path& path) override {
    return real_->open_append(path);
  }
  Result<std::unique_ptr<File>> open_read(const std::filesystem::path& path) override {
    const bool of_spool = path.parent_path().filename() == "spool";
    if (of_spool) ++opened;
    if (broken && of_spool) return make_error(ErrorKind::unavailable, "file.failed", "error 5");
    return real_->open_read(path);
  }
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    return real_->rename(from, to);
  }
  Result<void> remove(const std::filesystem::path& path) override { return real_->remove(path); }
  Result<void> sync_folder(const std::filesystem::path& folder) override {
    return real_->sync_folder(folder);
  }
  Result<std::vector<std::string>> list(const std::filesystem::path& folder) override {
    return real_->list(folder);
  }
  Result<void> make_folder(const std::filesystem::path& folder) override {
    return real_->make_folder(folder);
  }
  Result<std::uint64_t> free_bytes(const std::filesystem::path& folder) override {
    return real_->free_bytes(folder);
  }

 private:
  std::unique_ptr<Files> real_ = real_files();
};

class RouterSite {
 public:
  explicit RouterSite(config::Config config = site_config()) {
    store::create_sqlite_catalog(folder_.path() / "catalog.db", master_).value();
    catalog_ = store::open_sqlite_catalog(folder_.path() / "catalog.db", master_, clock_).value();
    spool_ = store::Spool::open(files_, *catalog_, clock_, folder_.path() / "spool",
                                {1U << 24U, std::chrono::hours(1), 0})
                 .value();
    outbox_ =
        std::make_unique<store::Outbox>(files_, catalog_->keyring(), folder_.path() / "outbox");
    std::filesystem::create_directories(folder_.path() / "outbox");
    configure(std::move(config));
  }

  /// As after a restart with another configuration.
  void configure(config::Config config) {
    config_ = std::make_shared<const config::Config>(std::move(config));
    bells_ = std::make_unique<Doorbells>(*config_);
    room_.reset(new RouterRoom{*catalog_, *spool_, *outbox_, in_flight_, clock_, config_,
                               profiles::Library::shipped(), *bells_, nullptr});
  }
  RouterRoom& room() { return *room_; }
  store::Catalog& catalog() { return *catalog_; }
  ManualClock& clock() { return clock_; }

  /// An object of the study and patient of this number.
  ObjectId receive(unsigned number, unsigned instance, const SourceName& source = {"er-xray"},
                   const std::function<void(Bytes&)>& change = {}) {
    dicom::PhantomOptions options;
    options.number = number;
    options.instance = instance;
    options.rows = options.columns = 16;
    const dicom::Phantom phantom = dicom::make_phantom(options).value();
    const auto syntax = dicom::find_transfer_syntax(phantom.transfer_syntax).value();
    Bytes bytes(phantom.file.begin() + static_cast<std::ptrdiff_t>(phantom.dataset_offset),
                phantom.file.end());
    if (change) change(bytes);
    return spooled(phantom, syntax, bytes, source);
  }
  /// Any object; its file begins with the data set.
  ObjectId receive(const dicom::Phantom& object) {
    const auto syntax = dicom::find_transfer_syntax(object.transfer_syntax).value();
    return spooled(object, syntax, object.file, {"er-xray"});
  }
  /// The quiet time passes, and the planner makes its round.
  void plan() {
    clock_.advance(config_->completion.quiet);
    EXPECT_TRUE(planner_round(*room_).ok());
  }
  void prepare() {
    while (prepare_round(*room_, {}).value()) {
    }
  }
  SendReport send() {
    TestSender sender;
    const auto done = dispatch_due(*room_, kBone, [&] { return Result<Sender*>(&sender); }, {});
    EXPECT_TRUE(done.ok());
    return done.ok() && *done ? **done : SendReport{};
  }
  std::vector<store::Transfer> transfers(std::uint64_t at_most = 500) {
    store::TransferFilter all;
    all.at_most = at_most;
    auto listed = catalog_->list_transfers(all).value();
    std::reverse(listed.begin(), listed.end());
    return listed;
  }
  StudyKey study() { return transfers().back().study; }
  /// The disk gives nothing back any more, or does again.
  void break_disk(bool broken) { files_.broken = broken; }
  /// Changes a byte in the middle of what the spool holds, for all that is there lies in one file.
  void rot() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "spool")) {
      if (entry.file_size() == 0) continue;
      std::fstream file(entry.path(), std::ios::binary | std::ios::in | std::ios::out);
      const auto middle = static_cast<std::streamoff>(entry.file_size() / 2);
      file.seekg(middle);
      const int byte = file.get();
      file.seekp(middle);
      file.put(static_cast<char>(byte ^ 1));
    }
  }
  /// A second connection, for damage.
  std::unique_ptr<store::sqlite::Connection> raw() {
    using store::sqlite::Connection;
    return Connection::open(folder_.path() / "catalog.db", Connection::Use::write).value();
  }
  [[nodiscard]] std::filesystem::path folder() const { return folder_.path(); }
  /// How many objects have been opened for reading so far.
  [[nodiscard]] unsigned objects_opened() const { return files_.opened; }

 private:
  ObjectId spooled(const dicom::Phantom& phantom, const dicom::TransferSyntax& syntax,
                   const Bytes& bytes, const SourceName& source) {
    dicom::Scanner scanner(syntax, {});
    scanner.feed(bytes);
    dicom::ScanFacts scan = scanner.finish();
    EXPECT_FALSE(scan.problem.has_value());
    store::ObjectHead head;
    head.id = {catalog_->reserve_ids(1).value()};
    head.received_at = clock_.now();
    head.source = source;
    head.listener = {"ward"};
    head.association = {7};
    head.calling_ae = {"ER_CR1"};
    head.called_ae = {"VEILROUTE"};
    head.transfer_syntax = phantom.transfer_syntax;
    head.sop_class = phantom.sop_class;
    head.sop_instance = phantom.sop_instance;
    store::ObjectFacts facts;
    facts.length_bytes = scan.length_bytes;
    facts.study = Uid{std::string(scan.value(dicom::tags::StudyInstanceUID))};
    facts.series = Uid{std::string(scan.value(dicom::tags::SeriesInstanceUID))};
    facts.patient_id = Phi<std::string>(std::string(scan.value(dicom::tags::PatientID)));
    facts.large = std::move(scan.large);
    store::SpoolWriter writer = spool_->open_writer(head).value();
    writer.append(bytes).value();
    const store::NewObject object = writer.commit(std::move(facts)).value();
    catalog_->record_object(object, {config_->completion.quiet, config_->completion.longest})
        .value();
    catalog_->flush().value();
    return head.id;
  }

  TemporaryFolder folder_;
  Secret master_ = crypto::random_key();
  ManualClock clock_{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)};
  TiredDisk files_;
  store::InFlight in_flight_;
  std::unique_ptr<store::Catalog> catalog_;
  std::unique_ptr<store::Spool> spool_;
  std::unique_ptr<store::Outbox> outbox_;
  std::shared_ptr<const config::Config> config_;
  std::unique_ptr<Doorbells> bells_;
  std::unique_ptr<RouterRoom> room_;
};

}  // namespace veilroute::router
