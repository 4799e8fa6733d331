// A handle to a group passes everything on to the group.
#include "server/group_call.hpp"
#include "server/groups.hpp"

#include <echosocket/group.hpp>

#include <utility>

namespace echosocket {

namespace {

std::shared_ptr<net::connection> connection_of(const peer& of) {
    return std::static_pointer_cast<net::connection>(of.session());
}

}  // namespace

const std::string& group::name() const noexcept {
    return state_->name();
}

result<void> group::join(const peer& member) const {
    const auto table = state_->table();
    if (!table) return failure(errc::connection_lost, "the server of this group is gone");
    return table->join(state_, connection_of(member));
}

bool group::leave(const peer& member) const {
    const auto table = state_->table();
    return table && table->leave(*state_, connection_of(member));
}

bool group::has(const peer& member) const {
    return state_->has(member.session().get());
}

std::size_t group::size() const {
    return state_->size();
}

std::vector<peer> group::members() const {
    std::vector<peer> all;
    for (auto& member : state_->members()) all.push_back(member->peer());
    return all;
}

std::size_t group::notify_raw(std::string_view topic, encoded_body&& body, const notify_options& options,
                              const peer& but) const {
    const auto table = state_->table();
    if (!table) return 0;
    const auto what = protocol::make_notification(topic, body, options.trace_id, options.key, table->rules_of(topic));
    if (!what) throw usage_error(what.error().code, what.error().detail);
    return state_->notify(*what, but.session().get());
}

std::shared_ptr<detail::group_call> group::ask_raw(const ask_options& options, std::string_view task,
                                                   encoded_body&& body) const {
    auto asked = std::make_shared<detail::group_call>(options.quorum);
    asked->ask(state_->members(), task, std::move(body), options.timeout);
    return asked;
}

}  // namespace echosocket
