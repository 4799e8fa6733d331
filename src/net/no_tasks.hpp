// The service of an end that serves no calls.
#pragma once

#include "net/call_service.hpp"

namespace echosocket::net {

class no_tasks final : public call_service {
public:
    [[nodiscard]] detail::task* find_task(std::string_view) const noexcept override { return nullptr; }
    [[nodiscard]] failure unknown_task(std::string_view) const override {
        return failure(errc::unknown_task, "this side serves no tasks");
    }
    [[nodiscard]] bool has_room() const noexcept override { return true; }
    void enter_call() noexcept override {}
    void leave_call() noexcept override {}
    void count_refused(errc) noexcept override {}
    void count_drained(bool) noexcept override {}
};

}  // namespace echosocket::net
