// What a connection needs to know of whoever serves the calls that come in over it.
#pragma once

#include <echosocket/result.hpp>
#include <echosocket/task.hpp>

#include <string_view>

namespace echosocket::net {

/// The owner of the tasks. One service stands behind many connections, so every member may be called from any of their
/// strands at once.
class call_service {
public:
    /// The task of that name, or nothing; a fallback task counts as one of every name.
    [[nodiscard]] virtual detail::task* find_task(std::string_view name) const noexcept = 0;
    /// The answer for a name that `find_task` knows nothing of.
    [[nodiscard]] virtual failure unknown_task(std::string_view name) const = 0;

    /// Is there a place for one more call that runs beyond its first suspension?
    [[nodiscard]] virtual bool has_room() const noexcept = 0;
    virtual void enter_call() noexcept = 0;
    virtual void leave_call() noexcept = 0;

    /// A call was refused unstarted.
    virtual void count_refused(errc reason) noexcept = 0;
    /// A call that was running when the drain began has ended: by itself, or since it was cancelled.
    virtual void count_drained(bool cancelled) noexcept = 0;

protected:
    ~call_service() = default;
};

}  // namespace echosocket::net
