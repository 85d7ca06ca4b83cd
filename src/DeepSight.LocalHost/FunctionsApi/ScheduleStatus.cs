namespace Microsoft.Azure.Functions.Worker;

/// <summary>A timer's memory, kept between runs of the host. Times are UTC.</summary>
public class ScheduleStatus
{
    /// <summary>The last run; <c>default</c> before the first.</summary>
    public DateTime Last { get; set; }

    /// <summary>When the next run is due.</summary>
    public DateTime Next { get; set; }

    /// <summary>When this status was written; <see cref="Next"/> follows from it before the first run.</summary>
    public DateTime LastUpdated { get; set; }
}
