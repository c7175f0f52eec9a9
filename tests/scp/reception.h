// A reception as a node has it: listener, threads, a real spool and a real catalog, in a folder of
// its own, on a port of its own.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/base/crypto.h"
#include "core/base/files.h"
#include "core/store/spool.h"
#include "core/store/sqlite/catalog.h"
#include "scp/commitment_desk.h"
#include "scp/listener.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_sender.h"

namespace veilroute::scp {

/// A stored object with its bytes.
struct Stored {
  store::SpooledObject object;
  Bytes bytes;
};

struct ReceptionOptions {
  std::string bind = "127.0.0.1";
  unsigned most_associations = 8;
  std::chrono::seconds idle{5};
  std::string health_ae;
  bool private_classes = false;
  std::filesystem::path cert, key, client_ca;  ///< given: TLS
  std::string pin;
  std::uint64_t reserve_bytes = 0;
  config::CommitmentSettings::Mode commitment = config::CommitmentSettings::Mode::off;
  std::uint16_t report_port = 0;  ///< where ER_CR1 takes reports, here; 0: nowhere
  std::filesystem::path report_cert, report_key, report_ca;  ///< given: there over TLS
  std::string report_pin;
  unsigned most_of_source = 0;
};

/// Knows two sources: ER_CR1 and ER_CR2, both by any address.
class Reception {
 public:
  explicit Reception(const ReceptionOptions& options = {}) {
    const Secret master = crypto::random_key();
    const auto catalog_file = folder_.path() / "catalog.db";
    store::create_sqlite_catalog(catalog_file, master).value();
    catalog_ = store::open_sqlite_catalog(catalog_file, master, clock_).value();
    store::SpoolLimits limits;
    limits.reserve_bytes = options.reserve_bytes;
    limits.most_segments = store::segments_for(options.most_associations);
    spool_ = store::Spool::open(*files_, *catalog_, clock_, folder_.path() / "spool", limits).value();
    room_ = std::make_unique<IntakeRoom>(IntakeRoom{
        *spool_, *catalog_, in_flight_, clock_,
        {std::chrono::minutes(1), std::chrono::minutes(10)},
        {dicom::tags::Modality}, [this] { ++rings_; }});
    const auto config = config_of(options);
    desk_ = std::make_unique<CommitmentDesk>(config, *catalog_, clock_);
    room_->commitments = desk_.get();
    listener_ = AssociationListener::open(config, listener_of(options), *room_).value();
    threads_.emplace_back("listen", [this](std::stop_token stop) { listener_->run(stop); });
  }
  ~Reception() { stop(); }
  Reception(const Reception&) = delete;
  Reception& operator=(const Reception&) = delete;

  void stop() {
    for (Thread& thread : threads_) thread.request_stop();
    threads_.clear();
  }
  [[nodiscard]] std::uint16_t port() const { return listener_->port(); }
  [[nodiscard]] test::SenderOptions sender(dicom::TlsContext* tls = nullptr) const {
    test::SenderOptions options;
    options.port = port();
    options.tls = tls;
    options.host = tls ? "localhost" : "127.0.0.1";
    return options;
  }
  IntakeRoom& room() { return *room_; }
  CommitmentDesk& desk() { return *desk_; }
  /// Segment files of the spool.
  [[nodiscard]] std::size_t segments() const {
    const std::filesystem::directory_iterator begin(folder_.path() / "spool");
    return static_cast<std::size_t>(std::distance(begin, {}));
  }
  [[nodiscard]] const AssociationListener& listener() const { return *listener_; }
  store::InFlight& in_flight() { return in_flight_; }
  [[nodiscard]] unsigned rings() const { return rings_; }

  /// Everything the catalog knows of, in order of arrival, with its bytes from the spool.
  std::vector<Stored> stored() {
    catalog_->flush().value();
    std::map<std::uint64_t, Stored> by_id;
    const std::vector<store::Study> studies = catalog_->list_studies(1000).value();
    for (const store::Study& listed : studies) {
      const store::Study study = catalog_->load_study(listed.key).value();
      for (const store::SpooledObject& object : study.objects) {
        const auto source = spool_->open_object(object.location, object.head.id).value();
        Bytes bytes(static_cast<std::size_t>(source->size_bytes()));
        source->read_at(0, bytes).value();
        by_id.insert({object.head.id.value, {object, std::move(bytes)}});
      }
    }
    std::vector<Stored> out;
    for (auto& [id, stored] : by_id) out.push_back(std::move(stored));
    return out;
  }

 private:
  static config::Listener listener_of(const ReceptionOptions& options) {
    config::Listener listener;
    listener.name = ListenerName{"ward"};
    listener.bind = {options.bind, 0};
    listener.most_associations = options.most_associations;
    listener.idle = options.idle;
    listener.health_ae = AeTitle{options.health_ae};
    listener.private_classes = options.private_classes;
    if (!options.cert.empty()) listener.protocol = config::Protocol::dicom_tls;
    listener.cert = options.cert;
    listener.key = options.key;
    listener.client_ca = options.client_ca;
    return listener;
  }
  static config::ReportPlace report_place_of(const ReceptionOptions& options,
                                             const AeTitle& called) {
    config::ReportPlace place;
    place.protocol =
        options.report_ca.empty() ? config::Protocol::dicom : config::Protocol::dicom_tls;
    place.address = {"127.0.0.1", options.report_port};
    place.called_ae = called;
    place.cert = options.report_cert;
    place.key = options.report_key;
    place.ca = options.report_ca;
    place.cert_sha256 = options.report_pin;
    return place;
  }
  static std::shared_ptr<const config::Config> config_of(const ReceptionOptions& options) {
    auto config = std::make_shared<config::Config>();
    config->site.ae_title = AeTitle{"VEILROUTE"};
    config->commitment.mode = options.commitment;
    if (options.commitment == config::CommitmentSettings::Mode::archive) {
      config->destinations.emplace_back().archive = true;
    }
    for (const char* ae : {"ER_CR1", "ER_CR2"}) {
      config::Source source;
      source.name = SourceName{ae == std::string("ER_CR1") ? "er-one" : "er-two"};
      source.ae_title = AeTitle{ae};
      source.issuer = "HOSPITAL";
      source.cert_sha256 = options.pin;
      if (options.report_port != 0 && config->sources.empty()) {
        source.report = report_place_of(options, source.ae_title);
      }
      source.most_associations = options.most_of_source;
      config->sources.push_back(source);
    }
    return config;
  }

  TemporaryFolder folder_;
  SystemClock clock_;
  std::unique_ptr<Files> files_ = real_files();
  std::unique_ptr<store::Catalog> catalog_;
  std::unique_ptr<store::Spool> spool_;
  store::InFlight in_flight_;
  std::atomic<unsigned> rings_{0};
  std::unique_ptr<CommitmentDesk> desk_;
  std::unique_ptr<IntakeRoom> room_;
  std::unique_ptr<AssociationListener> listener_;
  std::vector<Thread> threads_;
};

}  // namespace veilroute::scp
