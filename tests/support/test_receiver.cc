#include "tests/support/test_receiver.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>

namespace veilroute::test {
namespace {

dicom::SteadyTime patience() { return dicom::after(std::chrono::seconds(30)); }

}  // namespace

TestReceiver::TestReceiver(ReceiverScript script, dicom::TlsContext* tls)
    : script_(std::move(script)), tls_(tls) {
  auto socket = dicom::listen_on("127.0.0.1", 0);
  if (!socket.ok()) {
    ADD_FAILURE() << socket.error().text();
    return;
  }
  socket_ = std::move(socket).value();
  port_ = dicom::port_of(socket_.get());
  listening_ = std::jthread([this] { listen(); });
}

TestReceiver::~TestReceiver() {
  stop_.trigger();
  if (listening_.joinable()) listening_.join();
  threads_.clear();
}

std::vector<ReceivedObject> TestReceiver::objects() const {
  const std::lock_guard lock(mutex_);
  return objects_;
}

std::vector<dicom::AssociateRequest> TestReceiver::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void TestReceiver::listen() {
  while (!stop_.triggered()) {
    std::array<pollfd, 2> set{pollfd{socket_.get(), POLLIN, 0}, pollfd{stop_.fd(), POLLIN, 0}};
    if (::poll(set.data(), set.size(), -1) < 0 || set[1].revents != 0) return;
    Descriptor peer(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!peer.valid()) continue;
    dicom::prepare_socket(peer.get());
    threads_.emplace_back([this, socket = std::make_shared<Descriptor>(std::move(peer))]() mutable {
      serve(std::move(*socket));
    });
  }
}

Result<void> TestReceiver::associate(dicom::PduStream& stream,
                                     const dicom::AssociateRequest& request,
                                     const dicom::AssociateNames& names) {
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  if (script_.reject) {
    VR_TRY(stream.write(dicom::encode(*script_.reject), patience()));
    stream.close();
    return make_error(ErrorKind::refused, "test.rejected", "as the script says");
  }
  dicom::AssociateAccept accept;
  accept.names = names;
  accept.implementation_class = Uid{"1.2.3.4"};
  accept.implementation_version = "TEST_RECEIVER";
  accept.most_pdu_bytes = script_.most_pdu_bytes;
  for (const dicom::ProposedContext& context : request.contexts) {
    const bool accepted = !script_.accepts || script_.accepts(context);
    accept.contexts.push_back(
        {context.id,
         accepted ? dicom::ContextResult::accepted
                  : dicom::ContextResult::transfer_syntaxes_not_supported,
         chosen(context)});
  }
  ++associations_;
  return stream.write(dicom::encode(accept), patience());
}

Uid TestReceiver::chosen(const dicom::ProposedContext& context) const {
  return script_.chooses ? script_.chooses(context.transfer_syntaxes)
                         : context.transfer_syntaxes.front();
}

void TestReceiver::serve(Descriptor socket) {
  std::unique_ptr<dicom::Channel> channel;
  if (tls_) {
    auto secured = tls_->accept(std::move(socket));
    if (!secured.ok()) return;
    channel = std::move(secured).value();
  } else {
    channel = dicom::make_plain_channel(std::move(socket));
  }
  dicom::Transport transport(std::move(channel), stop_);
  if (!transport.handshake(patience()).ok()) {
    transport.close(std::chrono::milliseconds(500));
    return;
  }
  dicom::PduStream stream(std::move(transport));
  const auto first = stream.next(patience());
  if (!first.ok()) return;
  const auto request = dicom::decode_associate_rq(first->body);
  if (!request.ok()) return;
  if (!associate(stream, *request, dicom::associate_names(first->body)).ok()) return;
  Bytes command_bytes;
  dicom::Command command;
  ReceivedObject object;
  while (true) {
    const auto pdu = stream.next(patience());
    if (!pdu.ok()) return;
    if (pdu->type == dicom::PduType::abort) {
      ++aborts_;
      return stream.close();
    }
    if (pdu->type == dicom::PduType::release_rq) {
      ++releases_;
      [[maybe_unused]] const auto written = stream.write(dicom::encode_release_rp(), patience());
      return stream.close();
    }
    const auto pdvs = dicom::decode_data(pdu->body);
    if (!pdvs.ok() || pdu->body.size() > script_.most_pdu_bytes) {
      ADD_FAILURE() << "a PDU that breaks the rules";
      return;
    }
    for (const dicom::Pdv& pdv : *pdvs) {
      Bytes& into = pdv.command ? command_bytes : object.data;
      into.insert(into.end(), pdv.bytes.begin(), pdv.bytes.end());
      if (!pdv.last) continue;
      if (pdv.command) {
        command = dicom::decode_command(command_bytes).value();
        command_bytes.clear();
        object = {command.affected_class, command.affected_instance, {}, {}};
        for (const auto& context : request->contexts) {
          if (context.id == pdv.context) object.transfer_syntax = chosen(context);
        }
        if (command.has_data_set()) continue;
        [[maybe_unused]] const auto written = stream.write_command(
            pdv.context, dicom::encode(dicom::response_to(command, 0)), 16384, patience());
      } else if (!on_object(stream, pdv.context, command, std::move(object))) {
        return;
      }
    }
  }
}

bool TestReceiver::on_object(dicom::PduStream& stream, std::uint8_t context,
                             const dicom::Command& command, ReceivedObject object) {
  std::size_t index = 0;
  {
    const std::lock_guard lock(mutex_);
    index = next_index_++;
    objects_.push_back(std::move(object));
  }
  if (script_.aborts && script_.aborts(index)) {
    stream.abort(dicom::kUserAbort);
    return false;
  }
  const std::optional<std::uint16_t> status =
      script_.status ? script_.status(index) : std::optional<std::uint16_t>(0);
  if (!status) return true;
  dicom::Command answer = dicom::response_to(command, *status);
  if (script_.spoil) script_.spoil(index, answer);
  const bool written =
      stream.write_command(context, dicom::encode(answer), 16384, patience()).ok();
  return written && !(script_.hangs_up && script_.hangs_up(index));
}

}  // namespace veilroute::test
