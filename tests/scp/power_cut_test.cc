// Power cuts while several sources send at once: a process that receives is cut off at a random
// change of its spool or its catalog, and ends; the next one recovers what the disk holds. Whatever
// was acknowledged is there byte for byte; nothing is there that was not offered whole.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "core/base/crypto.h"
#include "core/base/files.h"
#include "core/store/spool.h"
#include "core/store/sqlite/catalog.h"
#include "scp/intake.h"
#include "tests/support/faulty_database.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_sender.h"

namespace veilroute::scp {
namespace {

constexpr unsigned kWriters = 4;
constexpr std::uint64_t kOffersPerRound = 1'000'000;
constexpr unsigned kLongestRoundSeconds = 60;
constexpr unsigned kCutsOfASite = 25;
const Uid kCtClass{"1.2.840.10008.5.1.4.1.1.2"};
const Uid kExplicitLittle{"1.2.840.10008.1.2.1"};
const store::CompletionPolicy kImpatient{std::chrono::milliseconds(5),
                                         std::chrono::milliseconds(50)};

/// How many cuts a run makes: VEILROUTE_CUTS.
unsigned cuts_wanted() {
  const char* wanted = std::getenv("VEILROUTE_CUTS");
  return wanted == nullptr ? 6 : static_cast<unsigned>(std::max(1, std::atoi(wanted)));
}

/// Found by VEILROUTE_SEED, else by chance.
unsigned seed_wanted() {
  const char* wanted = std::getenv("VEILROUTE_SEED");
  return wanted == nullptr ? std::random_device{}() : static_cast<unsigned>(std::atoll(wanted));
}

/// What a source offers; all of it follows from the number. Few studies and instances, so that the
/// same instance comes again with the same bytes, with others, and in another study.
struct Offer {
  explicit Offer(std::uint64_t number) : random(number) {
    const auto below = [this](unsigned limit) {
      return std::uniform_int_distribution<unsigned>(0, limit - 1)(random);
    };
    const unsigned at = below(60);
    breaks_off = below(8) == 0;
    const unsigned home = at / 12;
    study = Uid{"2.25.70" + std::to_string(below(20) == 0 ? below(5) : home)};
    // One that breaks off is told apart by its UID.
    instance = Uid{"2.25.8" + std::to_string(breaks_off ? 1000 + number : at)};
    bytes_seed = below(4);
    size = below(5) == 0 ? 150'000 + at : 500 + at;
  }
  [[nodiscard]] Bytes data() const {
    std::mt19937 bytes(bytes_seed * 1000 + size);
    Bytes pixels(size);
    for (auto& byte : pixels) byte = static_cast<std::uint8_t>(bytes());
    return test::explicit_data_set(kCtClass, instance, study, pixels);
  }
  std::mt19937_64 random;
  Uid study, instance;
  bool breaks_off = false;
  unsigned bytes_seed = 0;
  std::size_t size = 0;
};

struct Told {
  std::uint64_t number = 0;
  std::uint64_t object = 0;  ///< 0: begun; else acknowledged
};

/// A node's receiving half.
struct Half {
  Half(Files& its_files, const std::filesystem::path& folder, const Secret& master)
      : catalog(store::open_sqlite_catalog(folder / "catalog.db", master, clock).value()) {
    store::SpoolLimits limits;
    limits.roll_bytes = 256U << 10U;
    limits.reserve_bytes = 0;
    spool = store::Spool::open(its_files, *catalog, clock, folder / "spool", limits).value();
    report = spool->recover(kImpatient).value();
    catalog->flush().value();
    room = std::make_unique<IntakeRoom>(
        IntakeRoom{*spool, *catalog, in_flight, clock, kImpatient, {dicom::tags::Modality}, {}});
  }
  Bytes read(const store::SpooledObject& object) {
    const auto source = spool->open_object(object.location, object.head.id).value();
    Bytes all(static_cast<std::size_t>(source->size_bytes()));
    source->read_at(0, all).value();
    return all;
  }
  SystemClock clock;
  std::unique_ptr<store::Catalog> catalog;
  std::unique_ptr<store::Spool> spool;
  store::RecoveryReport report;
  store::InFlight in_flight;
  std::unique_ptr<IntakeRoom> room;
};

/// The process that is cut.
class Sufferer {
 public:
  Sufferer(const std::filesystem::path& folder, const Secret& master, unsigned seed, int pipe)
      : folder_(folder), master_(master), random_(seed), pipe_(pipe) {}

  [[noreturn]] void live(unsigned round) {
    ::alarm(kLongestRoundSeconds);
    test::put_databases_on_power_of(files_);
    files_.sync_nothing_really();
    files_.on_power_gone([this] {
      const auto what = std::bernoulli_distribution(0.3)(random_)
                            ? test::FaultyFiles::Survives::synced
                            : test::FaultyFiles::Survives::also_a_part;
      test::cut_power_of_databases(what, random_);
      files_.cut_power(what, random_);
      ::_exit(0);
    });
    // Every tenth soon enough to fall into the recovery.
    const bool soon = random_() % 10 == 0;
    files_.stop_after(std::uniform_int_distribution<std::uint64_t>(1, soon ? 30 : 1200)(random_));
    Half half(files_, folder_, master_);
    std::vector<Thread> threads;
    for (unsigned writer = 0; writer < kWriters; ++writer) {
      threads.emplace_back("writer", [&, writer](const std::stop_token&) {
        for (std::uint64_t i = 0;; ++i) {
          offer(half, round * kOffersPerRound + i * kWriters + writer + 1, writer + 1);
        }
      });
    }
    threads.emplace_back("tidy", [&](const std::stop_token&) {
      for (;; ::usleep(3000)) [[maybe_unused]] const auto tidied = half.spool->tidy();
    });
    for (;; ::usleep(3000)) complete_some(half);
  }

 private:
  void offer(Half& half, std::uint64_t number, std::uint64_t association) {
    const Offer offer(number);
    const Bytes data = offer.data();
    if (!offer.breaks_off) tell({number, 0});
    Origin origin;
    origin.source = SourceName{"er-one"};
    origin.listener = ListenerName{"ward"};
    origin.association = AssociationId{association};
    auto intake = Intake::begin(*half.room, origin, {kCtClass, offer.instance, kExplicitLittle});
    if (!intake.ok()) return;
    const ByteView all(data);
    if (!intake->feed(all.first(all.size() / 2)).ok() || offer.breaks_off) return;
    if (!intake->feed(all.subspan(all.size() / 2)).ok()) return;
    const auto id = intake->finish();
    if (id.ok()) tell({number, id->value});
    half.in_flight.release(origin.association);
  }
  static void complete_some(Half& half) {
    const auto due = half.catalog->studies_due(half.clock.now(), 10);
    if (!due.ok()) return;
    for (const store::Study& study : *due) {
      [[maybe_unused]] const auto done = half.catalog->complete_study(study.key, study.last_at);
    }
  }
  void tell(const Told& told) const {
    if (::write(pipe_, &told, sizeof told) != static_cast<ssize_t>(sizeof told)) ::_exit(3);
  }

  const std::filesystem::path& folder_;
  const Secret& master_;
  std::mt19937 random_;
  int pipe_;
  std::unique_ptr<Files> real_ = real_files();
  test::FaultyFiles files_{*real_};
};

class PowerCuts : public ::testing::Test {
 protected:
  /// A site of its own: all that it has is read again after each cut.
  void begin_anew() {
    acknowledged_before_ += acknowledged_.size();
    acknowledged_.clear();
    offered_.clear();
    folder_ = std::make_unique<TemporaryFolder>();
    store::create_sqlite_catalog(folder_->path() / "catalog.db", master_).value();
  }

  void suffer(unsigned round, unsigned seed) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      Sufferer(folder_->path(), master_, seed * 7919 + round, ends[1]).live(round);
    }
    ::close(ends[1]);
    Told told;
    while (::read(ends[0], &told, sizeof told) == static_cast<ssize_t>(sizeof told)) {
      if (told.object == 0) {
        ++begun_;
        offered_.insert(crypto::sha256(Offer(told.number).data()));
      } else {
        acknowledged_.emplace(told.object, told.number);
      }
    }
    ::close(ends[0]);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "it did not end with its power";
  }

  void expect_nothing_lost(unsigned round);
  void expect_one_entry_each(Half& half, const std::set<std::uint64_t>& rows);

  std::unique_ptr<TemporaryFolder> folder_;
  Secret master_ = crypto::random_key();
  std::map<std::uint64_t, std::uint64_t> acknowledged_;  ///< object → offer
  std::set<Digest> offered_;
  std::uint64_t begun_ = 0;
  std::size_t acknowledged_before_ = 0;  ///< on the sites before this one
};

void PowerCuts::expect_nothing_lost(unsigned round) {
  const auto files = real_files();
  Half half(*files, folder_->path(), master_);
  EXPECT_EQ(half.report.corrupt, 0U);
  std::set<std::uint64_t> rows;
  const auto studies = half.catalog->list_studies(1000).value();
  for (const store::Study& listed : studies) {
    const store::Study study = half.catalog->load_study(listed.key).value();
    std::map<std::string, unsigned> live;
    for (const store::SpooledObject& object : study.objects) {
      rows.insert(object.head.id.value);
      const Bytes bytes = half.read(object);
      const Digest digest = crypto::sha256(bytes);
      EXPECT_EQ(digest, object.facts.digest);
      EXPECT_TRUE(offered_.contains(digest)) << "nobody offered object " << object.head.id.value;
      const auto told = acknowledged_.find(object.head.id.value);
      if (told != acknowledged_.end()) {
        EXPECT_EQ(bytes, Offer(told->second).data()) << "object " << told->first;
      }
      const unsigned counts = object.state == store::ObjectState::live ? 1 : 0;
      live[object.head.sop_instance.value] += counts;
    }
    for (const auto& [instance, count] : live) EXPECT_EQ(count, 1U) << instance;
  }
  for (const auto& [object, number] : acknowledged_) {
    EXPECT_TRUE(rows.contains(object)) << "object " << object << " was acknowledged and is lost";
  }
  // Each cut may leave each writer one object that is safe and was not answered any more.
  EXPECT_LE(rows.size(), acknowledged_.size() + std::size_t{kWriters} * (round + 1));
  expect_one_entry_each(half, rows);
}

void PowerCuts::expect_one_entry_each(Half& half, const std::set<std::uint64_t>& rows) {
  const ledger::Inspection found = half.catalog->inspect_ledger().value();
  EXPECT_TRUE(found.ok) << found.advice;
  store::LedgerFilter filter;
  filter.kind = ledger::Kind::received;
  filter.at_most = 1'000'000;
  std::multiset<std::uint64_t> received;
  const auto entries = half.catalog->ledger_entries(filter).value();
  for (const ledger::Entry& entry : entries) {
    for (const ledger::Item& item : entry.items) received.insert(item.object.value);
  }
  for (const std::uint64_t object : rows) {
    EXPECT_EQ(received.count(object), 1U) << "entries of object " << object;
  }
  EXPECT_EQ(received.size(), rows.size()) << "the ledger tells of objects that are not there";
}

TEST_F(PowerCuts, UnderLoadLoseNothingThatWasAcknowledged) {
  const unsigned seed = seed_wanted();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("VEILROUTE_SEED=" + std::to_string(seed));
  const unsigned cuts = cuts_wanted();
  for (unsigned round = 0; round < cuts && !HasFailure(); ++round) {
    SCOPED_TRACE("cut " + std::to_string(round));
    if (round % kCutsOfASite == 0) begin_anew();
    suffer(round, seed);
    expect_nothing_lost(round % kCutsOfASite);
  }
  const std::size_t acknowledged = acknowledged_before_ + acknowledged_.size();
  std::printf("%u cuts, seed %u: %llu objects offered, %zu acknowledged\n", cuts, seed,
              static_cast<unsigned long long>(begun_), acknowledged);
  EXPECT_GT(acknowledged, cuts) << "the cuts came too early to prove anything";
}

}  // namespace
}  // namespace veilroute::scp
