#include "scp/listener.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "core/base/log.h"
#include "core/dicom/dataset.h"

namespace veilroute::scp {
namespace {

constexpr std::uint64_t kSocketNumber = 0;
constexpr std::uint64_t kInterruptNumber = 1;
constexpr int kMostEventsAtOnce = 64;
constexpr int kMostAcceptsAtOnce = 64;
/// How long to leave new connections alone when there is no descriptor for them.
constexpr std::chrono::milliseconds kAcceptPause{100};

bool epoll_set(int epoll, int operation, int fd, std::uint32_t events, std::uint64_t number) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = number;
  return ::epoll_ctl(epoll, operation, fd, &event) == 0;
}

}  // namespace

AssociationListener::AssociationListener(std::shared_ptr<const config::Config> config,
                                         const config::Listener& listener, IntakeRoom& room)
    : config_(std::move(config)),
      listener_(listener),
      room_(room),
      pool_({listener.most_associations, kMostProbesAtOnce},
            [this](Waiting next) { serve_one(std::move(next)); }) {}

AssociationListener::~AssociationListener() = default;

Result<std::unique_ptr<AssociationListener>> AssociationListener::open(
    std::shared_ptr<const config::Config> config, const config::Listener& listener,
    IntakeRoom& room) {
  std::unique_ptr<AssociationListener> made(
      new AssociationListener(std::move(config), listener, room));
  VR_TRY(made->start_listening());
  return made;
}

Result<void> AssociationListener::start_listening() {
  if (listener_.protocol == config::Protocol::dicom_tls) {
    VR_TRY(tls_, dicom::TlsContext::open(dicom::TlsContext::Side::listener,
                                         {listener_.cert, listener_.key, listener_.client_ca}));
  }
  VR_TRY(socket_, dicom::listen_on(listener_.bind.host, listener_.bind.port));
  port_ = dicom::port_of(socket_.get());
  epoll_ = Descriptor(::epoll_create1(EPOLL_CLOEXEC));
  const bool watching =
      epoll_.valid() &&
      epoll_set(epoll_.get(), EPOLL_CTL_ADD, socket_.get(), EPOLLIN, kSocketNumber) &&
      epoll_set(epoll_.get(), EPOLL_CTL_ADD, interrupt_.fd(), EPOLLIN, kInterruptNumber);
  if (watching) return {};
  return make_error(ErrorKind::exhausted, "network.cannot-listen", "no descriptor left");
}

void AssociationListener::run(const std::stop_token& stop) {
  const std::stop_callback on_stop(stop, [this] { interrupt_.trigger(); });
  std::array<epoll_event, kMostEventsAtOnce> events{};
  while (!interrupt_.triggered()) {
    const int count =
        ::epoll_wait(epoll_.get(), events.data(), kMostEventsAtOnce, milliseconds_to_wait());
    for (int i = 0; i < count; ++i) {
      const std::uint64_t number = events[static_cast<std::size_t>(i)].data.u64;
      if (number == kSocketNumber) accept_all();
      if (number > kInterruptNumber) on_ready_socket(number);
    }
    drop_late();
    if (paused_ && std::chrono::steady_clock::now() >= paused_until_) pause_accepting(false);
  }
  knocks_.clear();
  pool_.stop();
}

void AssociationListener::accept_all() {
  for (int i = 0; i < kMostAcceptsAtOnce; ++i) {
    if (!accept_one()) return;
  }
}

bool AssociationListener::accept_one() {
  Descriptor socket(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (socket.valid()) {
    dicom::prepare_socket(socket.get());
    open_knock(std::move(socket));
    return true;
  }
  const bool full = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
  if (!full) return errno == ECONNABORTED || errno == EINTR;
  log_refusal("network.no-descriptors");
  if (knocks_.empty()) {
    pause_accepting(true);
    return false;
  }
  knocks_.erase(knocks_.begin());
  return true;
}

void AssociationListener::pause_accepting(bool pause) {
  paused_ = pause;
  paused_until_ = dicom::after(kAcceptPause);
  epoll_set(epoll_.get(), EPOLL_CTL_MOD, socket_.get(), pause ? 0U : std::uint32_t{EPOLLIN},
            kSocketNumber);
}

/// The oldest one goes: whoever means to speak does so at once.
void AssociationListener::make_room(const std::string& address) {
  const auto from_there = [&](const Knocks::value_type& entry) {
    return entry.second->address() == address;
  };
  const auto count = std::count_if(knocks_.begin(), knocks_.end(), from_there);
  auto goes = knocks_.end();
  if (static_cast<std::size_t>(count) >= kMostHalfOpenPerAddress) {
    goes = std::find_if(knocks_.begin(), knocks_.end(), from_there);
  } else if (knocks_.size() >= kMostHalfOpen) {
    goes = knocks_.begin();
  }
  if (goes == knocks_.end()) return;
  log_refusal("network.too-many-half-open");
  knocks_.erase(goes);
}

void AssociationListener::open_knock(Descriptor socket) {
  std::string address = dicom::peer_address_of(socket.get());
  make_room(address);
  std::unique_ptr<dicom::Channel> channel;
  if (tls_) {
    auto secured = tls_->accept(std::move(socket));
    if (!secured.ok()) {
      log_refusal(secured.error().slug);
      return;
    }
    channel = std::move(secured).value();
  } else {
    channel = dicom::make_plain_channel(std::move(socket));
  }
  const std::uint64_t number = next_number_++;
  auto knock = std::make_unique<Knock>(std::move(channel), std::move(address));
  if (!watch(number, *knock, true)) {
    log_refusal("network.no-descriptors");
    return;
  }
  knocks_.emplace(number, std::move(knock));
}

bool AssociationListener::watch(std::uint64_t number, const Knock& knock, bool fresh) {
  const std::uint32_t events = knock.wants() == dicom::Want::write ? EPOLLOUT : EPOLLIN;
  return epoll_set(epoll_.get(), fresh ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, knock.fd(), events, number);
}

void AssociationListener::on_ready_socket(std::uint64_t number) {
  const auto at = knocks_.find(number);
  if (at == knocks_.end()) return;  // went while this event waited its turn
  go_on(at, at->second->advance());
}

void AssociationListener::go_on(Knocks::iterator at, Knock::Stage stage) {
  Knock& knock = *at->second;
  if (stage == Knock::Stage::ready) stage = on_request(knock);
  if (stage == Knock::Stage::waiting && watch(at->first, knock, false)) return;
  if (!knock.slug().empty() && knock.slug() != "network.closed") log_refusal(knock.slug());
  knocks_.erase(at);
}

Knock::Stage AssociationListener::on_request(Knock& knock) {
  const auto request = dicom::decode_associate_rq(knock.request());
  if (!request.ok()) {
    log_refusal(request.error().slug);
    return knock.dismiss(dicom::encode(dicom::abort_for(request.error())));
  }
  const Caller caller{knock.address(), knock.tls().peer_sha256};
  const auto verdict = admit(*config_, listener_, caller, *request);
  if (const auto* refused = std::get_if<Refused>(&verdict)) {
    return refuse(knock, refused->reject, refused->slug.c_str());
  }
  const auto& admitted = std::get<Admitted>(verdict);
  const bool probe = admitted.source == nullptr;
  if (probe && !probes_.allow(std::chrono::steady_clock::now())) {
    return refuse(knock, dicom::kTemporaryCongestion, "association.too-many-probes");
  }
  const auto handed = hand_over(knock, *request, admitted);
  if (handed.ok()) return Knock::Stage::over;
  return refuse(knock, dicom::kLocalLimitExceeded, handed.error().slug.c_str());
}

Knock::Stage AssociationListener::refuse(Knock& knock, const dicom::AssociateReject& reject,
                                         const char* slug) {
  log_refusal(slug);
  return knock.dismiss(dicom::encode(reject));
}

Result<void> AssociationListener::hand_over(Knock& knock, const dicom::AssociateRequest& request,
                                            const Admitted& admitted) {
  Waiting next;
  Agreed& agreed = next.agreed;
  agreed.health = admitted.source == nullptr;
  agreed.accept.names = dicom::associate_names(knock.request());
  agreed.accept.contexts = admitted.contexts;
  agreed.accept.implementation_class = Uid{std::string(dicom::kImplementationClassUid)};
  agreed.accept.implementation_version = dicom::kImplementationVersionName;
  agreed.contexts = accepted_contexts(request, admitted.contexts);
  agreed.most_pdu_bytes = request.most_pdu_bytes;
  agreed.idle = listener_.idle;
  agreed.origin.listener = listener_.name;
  agreed.origin.calling_ae = request.calling;
  agreed.origin.called_ae = request.called;
  agreed.origin.private_classes = listener_.private_classes;
  if (admitted.source) {
    agreed.origin.source = admitted.source->name;
    agreed.origin.default_issuer = admitted.source->issuer;
  }
  VR_TRY(pool_.take_place(agreed, admitted.source ? admitted.source->most_associations : 0));
  epoll_set(epoll_.get(), EPOLL_CTL_DEL, knock.fd(), 0, 0);
  next.channel = knock.take_channel();
  pool_.add(std::move(next));
  return {};
}

void AssociationListener::drop_late() {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(knocks_, [&](const Knocks::value_type& entry) {
    const bool late = entry.second->deadline() <= now;
    if (late && !entry.second->is_leaving()) log_refusal("network.timeout");
    return late;
  });
}

int AssociationListener::milliseconds_to_wait() const {
  if (knocks_.empty() && !paused_) return -1;
  dicom::SteadyTime next = paused_ ? paused_until_ : dicom::SteadyTime::max();
  for (const auto& [number, knock] : knocks_) next = std::min(next, knock->deadline());
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(next - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

void AssociationListener::log_refusal(const std::string& slug) {
  const auto unlogged = refusals_.next(std::chrono::steady_clock::now());
  if (!unlogged) return;
  log::warn(
      "association.rejected",
      {{"listener", listener_.name}, {"unlogged", *unlogged}, log::Field::text("slug", slug)});
}

void AssociationListener::serve_one(Waiting waiting) {
  dicom::PduStream stream(dicom::Transport(std::move(waiting.channel), interrupt_));
  if (!waiting.agreed.health) {
    const auto id = room_.ids->next(room_.catalog);
    if (!id.ok()) {
      log::error("association.no-id", {{"listener", listener_.name},
                                       {"error_kind", id.error().kind},
                                       log::Field::text("slug", id.error().slug)});
      stream.abort(dicom::kUserAbort);
      return;
    }
    waiting.agreed.origin.association = AssociationId{*id};
  }
  Association(std::move(stream), std::move(waiting.agreed), room_).run();
}

}  // namespace veilroute::scp
