// The words and the moves of transfers and of the objects in them (decisions 7).
#include "core/store/transfer.h"

#include <algorithm>
#include <array>
#include <span>

namespace veilroute::store {

namespace {

using T = TransferState;
using O = TransferObjectState;

template <typename State>
struct Move {
  State from;
  State to;
};

// planned → withdrawn also when a rule excluded every object: nothing is left to leave.
// planned, cleared, deferred, blocked → sent | refused when the last objects still to go were superseded
// or, prepared again, excluded; the others had gone before.
// sent, refused → deferred by an operator's retry alone, for the objects that were refused.
constexpr Move<T> kTransferMoves[] = {
    {T::planned, T::blocked},   {T::planned, T::cleared},    {T::planned, T::withdrawn},
    {T::blocked, T::planned},   {T::blocked, T::cleared},    {T::blocked, T::withdrawn},
    {T::cleared, T::sending},   {T::cleared, T::blocked},    {T::cleared, T::withdrawn},
    {T::sending, T::deferred},  {T::sending, T::sent},       {T::sending, T::refused},
    {T::sending, T::withdrawn}, {T::deferred, T::sending},   {T::deferred, T::blocked},
    {T::deferred, T::sent},     {T::deferred, T::withdrawn}, {T::refused, T::deferred},
    {T::sent, T::deferred},     {T::blocked, T::sent},       {T::cleared, T::sent},
    {T::blocked, T::refused},   {T::cleared, T::refused},    {T::deferred, T::refused},
    {T::planned, T::sent},      {T::planned, T::refused},
};

// withdrawn → sent: the object had left before the withdrawal reached the sender. That is a fact,
// and a disclosure; the ledger must not be spared it.
// excluded → planned by an operator's replan alone; cleared, unknown → planned also by a retry of what
// is blocked for its outbox. Both prepare again.
constexpr Move<O> kObjectMoves[] = {
    {O::planned, O::excluded},     {O::planned, O::quarantined}, {O::planned, O::cleared},
    {O::planned, O::withdrawn},    {O::quarantined, O::planned}, {O::quarantined, O::withdrawn},
    {O::cleared, O::sent},         {O::cleared, O::refused},     {O::cleared, O::unknown},
    {O::cleared, O::withdrawn},    {O::unknown, O::cleared},     {O::unknown, O::sent},
    {O::unknown, O::refused},      {O::unknown, O::withdrawn},   {O::refused, O::cleared},
    {O::withdrawn, O::sent},       {O::excluded, O::planned},    {O::cleared, O::planned},
    {O::unknown, O::planned},
};

template <typename State>
bool listed(std::span<const Move<State>> moves, State from, State to) {
  return std::any_of(moves.begin(), moves.end(),
                     [&](const Move<State>& move) { return move.from == from && move.to == to; });
}

}  // namespace

std::string_view to_string(TransferState state) {
  static constexpr std::array<std::string_view, 8> kWords = {
      "planned", "blocked", "cleared", "sending", "deferred", "sent", "refused", "withdrawn"};
  return kWords.at(static_cast<std::size_t>(state));
}

bool may_become(TransferState from, TransferState to) { return listed<T>(kTransferMoves, from, to); }

bool is_final(TransferState state) {
  return state == T::sent || state == T::refused || state == T::withdrawn;
}

std::string_view to_string(TransferObjectState state) {
  static constexpr std::array<std::string_view, 8> kWords = {
      "planned", "excluded", "quarantined", "cleared", "sent", "refused", "unknown", "withdrawn"};
  return kWords.at(static_cast<std::size_t>(state));
}

bool may_become(TransferObjectState from, TransferObjectState to) {
  return listed<O>(kObjectMoves, from, to);
}

bool is_to_go(TransferObjectState state) { return state == O::cleared || state == O::unknown; }

std::string_view to_string(Outcome outcome) {
  static constexpr std::array<std::string_view, 4> kWords = {"sent", "deferred", "refused",
                                                             "unknown"};
  return kWords.at(static_cast<std::size_t>(outcome));
}

}  // namespace veilroute::store
