// AssociationListener: a port that sources call. Walk step 1.
// One epoll thread accepts, shakes hands and reads first PDUs; a checked and admitted association
// takes a thread of the pool. Idle or hostile sockets cost neither.
#pragma once

#include <map>
#include <memory>
#include <stop_token>

#include "config/config.h"
#include "core/dicom/tls.h"
#include "scp/admission.h"
#include "scp/association_pool.h"
#include "scp/intake.h"
#include "scp/knock.h"
#include "scp/rate.h"

namespace veilroute::scp {

/// Connections that have not shown their A-ASSOCIATE-RQ yet. Beyond these the oldest one goes, so
/// that those who do speak are served even while somebody holds all places.
inline constexpr std::size_t kMostHalfOpen = 256;
inline constexpr std::size_t kMostHalfOpenPerAddress = 64;
/// Probes of the health AE title (C-ECHO without a source).
inline constexpr unsigned kMostProbesPerSecond = 20;
inline constexpr unsigned kMostProbesAtOnce = 4;

class AssociationListener {
 public:
  /// Binds and listens; nothing is accepted before run(). `listener` is one of `config`'s.
  /// Errors: network.cannot-listen, tls.*.
  static Result<std::unique_ptr<AssociationListener>> open(
      std::shared_ptr<const config::Config> config, const config::Listener& listener,
      IntakeRoom& room);
  ~AssociationListener();

  /// The listener's thread, "listen-<name>": until stopped. Stopping ends every association at
  /// once, and returns when the last thread of the pool, "assoc-<n>", has ended.
  void run(const std::stop_token& stop);
  /// Threads of the pool that are there, for tests.
  [[nodiscard]] std::size_t pool_threads() const { return pool_.threads(); }
  /// The bound port, where the configuration says 0.
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  using Knocks = std::map<std::uint64_t, std::unique_ptr<Knock>>;

  AssociationListener(std::shared_ptr<const config::Config> config,
                      const config::Listener& listener, IntakeRoom& room);
  Result<void> start_listening();
  void accept_all();
  bool accept_one();
  void make_room(const std::string& address);
  void open_knock(Descriptor socket);
  void on_ready_socket(std::uint64_t number);
  void go_on(Knocks::iterator at, Knock::Stage stage);
  /// Waits for what the knock wants; false when the system has no room for it.
  bool watch(std::uint64_t number, const Knock& knock, bool fresh);
  Knock::Stage on_request(Knock& knock);
  Knock::Stage refuse(Knock& knock, const dicom::AssociateReject& reject, const char* slug);
  Result<void> hand_over(Knock& knock, const dicom::AssociateRequest& request,
                         const Admitted& admitted);
  void drop_late();
  [[nodiscard]] int milliseconds_to_wait() const;
  void pause_accepting(bool pause);
  void log_refusal(const std::string& slug);
  void serve_one(Waiting waiting);

  std::shared_ptr<const config::Config> config_;
  config::Listener listener_;
  IntakeRoom& room_;
  std::unique_ptr<dicom::TlsContext> tls_;
  dicom::Interrupt interrupt_;
  Descriptor socket_;
  Descriptor epoll_;
  std::uint16_t port_ = 0;

  // Of the listener's thread alone.
  Knocks knocks_;
  std::uint64_t next_number_ = 2;  ///< 0 and 1 stand for the socket and the interrupt
  dicom::SteadyTime paused_until_{};
  bool paused_ = false;
  Rate probes_{kMostProbesPerSecond};
  LogRate refusals_;

  // Last: its threads end before what they use.
  AssociationPool pool_;
};

}  // namespace veilroute::scp
