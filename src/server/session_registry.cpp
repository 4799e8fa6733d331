#include "server/session_registry.hpp"

#include <utility>

namespace echosocket::net {

std::map<std::string, std::uint64_t> reason_counts::by_name() const {
    std::map<std::string, std::uint64_t> named;
    for (std::size_t code = 0; code < counts_.size(); ++code) {
        const auto count = counts_[code].load(std::memory_order_relaxed);
        if (count == 0) continue;
        const bool applications = code + 1 == counts_.size();
        const auto reason = applications ? errc::application : static_cast<errc>(code);
        named[code == 0 ? "closed_by_peer" : std::string(name_of(reason))] += count;
    }
    return named;
}

void session_registry::add(connection_ptr session) {
    sessions_.emplace(session->id(), std::move(session));
}

void session_registry::remove(const connection_ptr& session, const failure& why) {
    if (sessions_.erase(session->id()) == 0) return;
    if (session->ended_by_peer()) {
        closed_.add_closed_by_peer();
    } else {
        closed_.add(why.code);
    }
    add_up(ended_, *session, {});
}

std::vector<session_registry::connection_ptr> session_registry::snapshot() const {
    std::vector<connection_ptr> all;
    all.reserve(sessions_.size());
    for (const auto& [id, session] : sessions_) all.push_back(session);
    return all;
}

session_registry::connection_ptr session_registry::find(std::uint64_t id) const {
    const auto found = sessions_.find(id);
    return found == sessions_.end() ? nullptr : found->second;
}

session_registry::totals session_registry::sum(time_point now) const {
    totals all = ended_;
    for (const auto& [id, session] : sessions_) add_up(all, *session, now);
    return all;
}

void session_registry::add_up(totals& into, const connection& session, time_point now) {
    const auto facts = session.info(now);
    into.calls += facts.calls;
    into.failed += session.failed_calls();
    into.bytes_in += facts.bytes_in;
    into.bytes_out += facts.bytes_out;
    into.queued_bytes += facts.queued_bytes;
    into.notifications_in += facts.notifications_in;
    into.notifications_out += facts.notifications_out;
    into.dropped += facts.dropped;
}

}  // namespace echosocket::net
