using BoxOffice.Seats;
using EventSourcing;
using EventSourcing.Testing;

namespace BoxOffice;

/// <summary>What a running box office has stored is for good.</summary>
public sealed class EventCatalogueTests
{
    [Fact]
    public void Stored_contracts_are_as_approved() =>
        EventCatalogue.Of(typeof(SeatHeld).Assembly).ShouldBeApprovedIn("events.approved.json");
}
