"""Tests of one spindle that read as the conversation they demand."""
