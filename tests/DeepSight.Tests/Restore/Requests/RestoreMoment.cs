namespace DeepSight.Tests.Restore.Requests;

/// <summary>Where a restore is when its host is killed.</summary>
public enum RestoreMoment
{
    /// <summary>Everything is loaded, nothing published.</summary>
    Loading,

    /// <summary>Renamed or committed; the record says that it runs.</summary>
    Published,

    /// <summary>The record has its end; the message is still there.</summary>
    Recorded,
}
